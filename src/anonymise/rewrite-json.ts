import { decodeUtf8, parseJsonWithNumbersAsText, parseStrictJson } from '../contract/strict-json.ts'
import type { Rules } from './rules.ts'

/** Given a value's text, its field and the one above; returns what takes its place. */
export type Visit = (value: string, name: string, parent: string) => string

/** A name that a program would give a member. Anything else is data that stands where names stand. */
const memberName = /^[A-Za-z_$][\w.:/$ -]{0,63}$/
const blank = /[ \t\r\n]*/y
const stringToken = /"(?:[^"\\]|\\.)*"/y
const scalarToken = /[^\s,\]}]+/y

/**
 * Writes a JSON document again with other values: names, order, numbers' spelling and white space stay. Refuses what the readers
 * refuse. Ids beyond 2^53 stay exact, since nothing is ever made a float.
 */
export function rewriteJson(bytes: Uint8Array, rules: Rules, visit: Visit): string {
  const text = decodeUtf8(bytes)
  if (rules.source === 'tillflow') parseStrictJson(text)
  else parseJsonWithNumbersAsText(text)
  const writer = new JsonWriter(text, visit, rules)
  writer.value('', '')
  return writer.finish()
}

/** Walks over text that is known to be JSON of a bounded depth. */
class JsonWriter {
  #text: string
  #visit: Visit
  #rules: Rules
  #at = 0
  #copied = 0
  #pieces: string[] = []

  constructor(text: string, visit: Visit, rules: Rules) {
    this.#text = text
    this.#visit = visit
    this.#rules = rules
  }

  finish(): string {
    return this.#pieces.join('') + this.#text.slice(this.#copied)
  }

  /** `name` is the member that holds it; an array hands its own to its elements. */
  value(name: string, parent: string): void {
    this.#skip(blank)
    const first = this.#text[this.#at]
    if (first === '{') this.#object(name)
    else if (first === '[') this.#array(name, parent)
    else if (first === '"') this.#string(name, parent)
    else this.#scalar(name, parent)
    this.#skip(blank)
  }

  #object(name: string): void {
    this.#enter()
    // Of a pair `{"name", "value"}`, where the name is one of our own.
    let ownName: string | undefined
    while (this.#text[this.#at] !== '}') {
      const member = JSON.parse(this.#token(stringToken)) as string
      if (!memberName.test(member) || /\d{6}/.test(member)) this.#replace(JSON.stringify(this.#visit(member, '', '')))
      this.#skip(blank)
      this.#at += 1
      this.#skip(blank)
      if (member === 'name') ownName = this.#ownName()
      if (member !== 'name' || ownName === undefined)
        this.value(member === 'value' ? (ownName ?? member) : member, name)
      this.#next()
    }
    this.#at += 1
  }

  /** Passes over a name that is ours, which says nothing of anybody. */
  #ownName(): string | undefined {
    const from = this.#at
    const text = this.#text[from] === '"' ? (JSON.parse(this.#token(stringToken)) as string) : ''
    if (this.#rules.isOwnName?.(text)) {
      this.#skip(blank)
      return text
    }
    this.#at = from
    return undefined
  }

  #array(name: string, parent: string): void {
    this.#enter()
    while (this.#text[this.#at] !== ']') {
      this.value(name, parent)
      this.#next()
    }
    this.#at += 1
  }

  #string(name: string, parent: string): void {
    const value = JSON.parse(this.#token(stringToken)) as string
    const replaced = this.#visit(value, name, parent)
    if (replaced !== value) this.#replace(JSON.stringify(replaced))
  }

  /** true, false and null say nothing. */
  #scalar(name: string, parent: string): void {
    const token = this.#token(scalarToken)
    const [, sign = '', magnitude = '', exponent = ''] = /^(-?)([\d.]+)([eE].*)?$/.exec(token) ?? []
    if (magnitude === '') return
    const visited = this.#visit(magnitude, name, parent)
    // A number that cannot be called has zeros in front, which a JSON number cannot have.
    const replaced = /^(0|[1-9]\d*)(\.\d+)?$/.test(visited) ? visited : this.#visit(magnitude, '', '')
    if (replaced !== magnitude) this.#replace(sign + replaced + exponent)
  }

  #lastToken = 0

  #token(pattern: RegExp): string {
    this.#lastToken = this.#at
    this.#skip(pattern)
    return this.#text.slice(this.#lastToken, this.#at)
  }

  #replace(text: string): void {
    this.#pieces.push(this.#text.slice(this.#copied, this.#lastToken), text)
    this.#copied = this.#at
  }

  #enter(): void {
    this.#at += 1
    this.#skip(blank)
  }

  #next(): void {
    if (this.#text[this.#at] === ',') this.#at += 1
    this.#skip(blank)
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at
    if (pattern.test(this.#text)) this.#at = pattern.lastIndex
  }
}
