import { isProblem } from '../../../contract/problem.ts'
import { parseStrictJson } from '../../../contract/strict-json.ts'
import { negated } from '../amounts.ts'
import { Unrepresentable } from '../notes.ts'
import { textFromXml, xmlContent, xmlText } from './xml-text.ts'

/** A value of the model as text in XML, and back. `turned`: the element says "back to the shop", so that its amounts are written without it. */
export interface Codec {
  encode(value: unknown, turned: boolean): string
  decode(text: string, turned: boolean): unknown
}

export const text: Codec = {
  encode: (value) => xmlText(value as string),
  decode: textFromXml,
}

/** A decimal string as it stands, digit by digit. */
export const figure: Codec = {
  encode: (value) => value as string,
  decode: (given) => given,
}

/** An amount whose sign the element may say: 5.00 in a Return is -5.00. A zero keeps its sign, so that both ways agree. */
export const amount: Codec = {
  encode: (value, turned) => (turned ? negated(value as string) : (value as string)),
  decode: (given, turned) => (turned ? negated(given) : given),
}

/** What makes less of a sale: POSLog states it without sign, the model below zero on a sale and above zero on a return. */
export const reduction: Codec = {
  encode: (value, turned) => (turned ? (value as string) : negated(value as string)),
  decode: (given, turned) => (turned ? given : negated(given)),
}

export const number: Codec = {
  encode: (value) => (Object.is(value, -0) ? '-0' : String(value)),
  decode(given) {
    if (!/^-?\d{1,400}(\.\d+)?(e[+-]\d{1,3})?$/.test(given)) throw unreadable('A count is not a number.')
    return Number(given)
  },
}

export const flag: Codec = {
  encode: (value) => (value === true ? 'true' : 'false'),
  decode(given) {
    if (given !== 'true' && given !== 'false') throw unreadable('A flag is neither true nor false.')
    return given === 'true'
  },
}

/** Values of vendors, as JSON. What JSON readers understand differently is refused on both sides. */
export const json: Codec = {
  encode(value) {
    const written = JSON.stringify(value)
    const fault = isPlainText(value) ? undefined : faultOf(written)
    if (fault !== undefined) throw new RangeError(`An extension cannot be written: ${fault}.`)
    return xmlContent(written.replace(/[\ufffe\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`))
  },
  decode(given) {
    const plain = textFromXml(given)
    const fault = faultOf(plain)
    if (fault !== undefined) throw unreadable(`An extension cannot be read: ${fault}.`)
    return JSON.parse(plain)
  },
}

/** Most extensions are a few short texts under plain names, and need no second look. */
function isPlainText(value: unknown): boolean {
  for (const [name, member] of Object.entries(value as object)) {
    if (typeof member !== 'string' || !plainText.test(member)) return false
    if (!plainText.test(name) || name === 'constructor' || name === 'prototype' || name === '__proto__') return false
  }
  return true
}

const plainText = /^[\x20-\x7e]*$/

function faultOf(written: string): string | undefined {
  if (/\\u0000/.test(written)) return 'invalid-character'
  try {
    parseStrictJson(written)
    return undefined
  } catch (error) {
    if (isProblem(error)) return error.code
    throw error
  }
}

/** A closed list of ours in words of POSLog. */
export function words<Code extends string>(table: Readonly<Record<Code, string>>): Codec {
  const codes = new Map(Object.entries(table).map(([code, word]) => [word as string, code]))
  const byCode: Readonly<Record<string, string>> = table
  return {
    encode: (value) => byCode[value as string] ?? '',
    decode(given) {
      const code = codes.get(given)
      if (code === undefined) throw unreadable('An enumeration has a word that this version does not write.')
      return code
    },
  }
}

function unreadable(detail: string): Unrepresentable {
  return new Unrepresentable('schema-violation', detail)
}
