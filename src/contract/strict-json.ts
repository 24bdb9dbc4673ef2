import { Problem } from './problem.ts'

const depthMax = 32
/** No amount, count or time needs more; longer tokens are an attack on the number parser. */
const numberLengthMax = 64
const significantDigitsMax = 17
const smallestNormal = 2 ** -1022

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Decodes a body; a UTF-8 mark at its start is dropped. Bytes that are not UTF-8, UTF-16 and UTF-32 marks included, are
 * the Problem `invalid-encoding`.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Problem('invalid-encoding')
  }
}

/**
 * Reads one JSON document (RFC 8259) and refuses what two readers may understand differently (I-JSON, RFC 7493).
 *
 * Throws only `Problem`: `json-too-deep` (more than 32 levels), `duplicate-key` (after unescaping, whatever the values),
 * `forbidden-key` (`__proto__`, `constructor`, `prototype`), `number-out-of-range` (integers beyond 2^53 - 1, more than
 * 17 significant digits, overflow, underflow, NaN, Infinity), `invalid-encoding` (a lone surrogate, raw or escaped),
 * `json-malformed` (anything else).
 *
 * Duplicates are found by counting: JSON.parse keeps one member per name, so a document has a duplicate exactly when it
 * has more colons outside strings than the parsed value has members. No key is cut out of the text for that.
 */
export function parseStrictJson(text: string): unknown {
  return parseCounted(text, true, (one) => parse(one))
}

/**
 * As `parseStrictJson`, with every number as the text that stands in the document: vendors write ids beyond 2^53 and amounts as
 * numbers, and neither survives a float. Only tokens longer than 64 characters are `number-out-of-range`.
 */
export function parseJsonWithNumbersAsText(text: string): unknown {
  return parseCounted(text, false, parseNumbersAsText)
}

function parseCounted(text: string, needsExact: boolean, parseText: (text: string) => unknown): unknown {
  if (!text.isWellFormed()) throw new Problem('invalid-encoding')
  const memberCount = scan(text, needsExact)
  const value = parseText(text)
  const checksStrings = text.includes('\\u')
  if (countMembers(value, checksStrings) !== memberCount) throw new Problem('duplicate-key')
  return value
}

/** Checks depth and numbers, and counts the members of all objects. Text that is not JSON may pass; it fails in the parser. */
function scan(text: string, needsExact: boolean): number {
  let depth = 0
  let memberCount = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = endOfString(text, at)
    } else if (code === 0x3a) {
      memberCount += 1
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > depthMax) throw new Problem('json-too-deep')
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      at = endOfNumber(text, at, needsExact)
    } else if (code === 0x4e || code === 0x49) {
      if (text.startsWith('NaN', at) || text.startsWith('Infinity', at)) throw new Problem('number-out-of-range')
    }
  }
  return memberCount
}

/** Index of the closing quote; without one, the end of the text. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1)
  while (quote !== -1) {
    let first = quote
    while (text.charCodeAt(first - 1) === 0x5c) first -= 1
    if ((quote - first) % 2 === 0) return quote
    quote = text.indexOf('"', quote + 1)
  }
  return text.length
}

/** Index of the last character of the number token. */
function endOfNumber(text: string, start: number, needsExact: boolean): number {
  let hasExponent = false
  let end = start + 1
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end)
    if (code >= 0x30 && code <= 0x39) continue
    if (code === 0x65 || code === 0x45) hasExponent = true
    else if (code !== 0x2e && code !== 0x2b && code !== 0x2d) break
    if (end - start > numberLengthMax) break
  }
  // Fifteen characters without exponent are exact in any case: nothing to cut out and read.
  if (needsExact && (hasExponent || end - start > 15)) refuseInexact(text.slice(start, end))
  else if (end - start > numberLengthMax) throw new Problem('number-out-of-range')
  return end - 1
}

function refuseInexact(token: string): void {
  const value = Number(token)
  // Not a number at all: the parser says so, unless it is too long to be shown to it.
  if (Number.isNaN(value) && token.length <= numberLengthMax) return
  const magnitude = Math.abs(value)
  const mantissa = token.replace(/[eE].*$/, '').replace(/^[-0.]+/, '')
  const exact =
    token.length <= numberLengthMax &&
    mantissa.replace('.', '').length <= significantDigitsMax &&
    (mantissa === '' || magnitude >= smallestNormal) &&
    (Number.isInteger(value) ? magnitude <= Number.MAX_SAFE_INTEGER : Number.isFinite(value))
  if (!exact) throw new Problem('number-out-of-range')
}

/** TypeScript's library does not know the third argument of a reviver yet (ECMAScript 2026, Node 21). */
const reviveAsText = ((_name: string, value: unknown, context: { source?: string }): unknown =>
  typeof value === 'number' ? (context.source ?? String(value)) : value) as (name: string, value: unknown) => unknown

function parseNumbersAsText(text: string): unknown {
  return parse(text, reviveAsText)
}

function parse(text: string, revive?: (name: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, revive)
  } catch (error) {
    // The parser's message quotes the document, so the error itself is dropped; only the place is kept.
    const place = /at position \d+ \((line \d+ column \d+)\)$/.exec(error instanceof Error ? error.message : '')?.[1]
    throw new Problem('json-malformed', place && `The body is not JSON: ${place}.`)
  }
}

function countMembers(value: unknown, checksStrings: boolean): number {
  if (typeof value === 'string') {
    if (checksStrings && !value.isWellFormed()) throw new Problem('invalid-encoding')
    return 0
  }
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const element of value) count += countMembers(element, checksStrings)
    return count
  }
  const members = value as Record<string, unknown>
  for (const key in members) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw new Problem('forbidden-key')
    if (checksStrings && !key.isWellFormed()) throw new Problem('invalid-encoding')
    count += 1
    const member = members[key]
    if (checksStrings || typeof member === 'object') count += countMembers(member, checksStrings)
  }
  return count
}
