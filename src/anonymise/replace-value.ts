import { Problem } from '../contract/problem.ts'
import { maskCardNumbers } from '../privacy/card-numbers/mask-card-numbers.ts'
import { phonePseudonym } from './contacts.ts'
import { articlePseudonym, locationNumberPseudonym } from './goods.ts'
import { isKnownPhrase } from './known-phrases.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { Kind } from './rules.ts'
import { isDateText, shiftDate } from './shift-date.ts'
import { taxNamePseudonym } from './tax-names.ts'

export interface ReplaceOptions {
  pseudonyms: Pseudonyms
  shiftDays: number
  items: 'keep' | 'pseudonymous'
}

/** A replaced value and the rule that was used: a value that is not what its field promises is never kept. */
export interface Replaced {
  text: string
  kind: Kind
}

/** Also as programs write floats: with an exponent, or with the noise of their last binary digits (143.97000000000003). */
const figure = /^[+-]?(\d{1,15}\.?\d{0,9}|\.\d{1,9}|\d{1,15}\.\d{0,5}(0{6,14}|9{6,14})\d{1,2})([eE][+-]?\d{1,2})?$/
const code = /^[\w:.+/#-]{1,64}$/
/** Article numbers may be written in groups, each with a digit: words with a space between them may be a name. */
const articleNumber = /^(?=.{1,64}$)([\w.:/#-]+|[\w.:/#-]*\d[\w.:/#-]*( [\w.:/#-]*\d[\w.:/#-]*)+)$/
/** A word with a long number in it, or with a number for calling, is no word of an enumeration. */
const longNumber = /\d{7}|^\+\d/
const truth = /^(true|false)$/i
export function replaceValue(value: string, name: string, kind: Kind, options: ReplaceOptions): Replaced {
  const trimmed = value.trim()
  if (trimmed === '') return { text: value, kind }
  const replaced = replaceTrimmed(trimmed, name, kind, options)
  return trimmed.length === value.length ? replaced : { ...replaced, text: value.replace(trimmed, () => replaced.text) }
}

function replaceTrimmed(value: string, name: string, kind: Kind, options: ReplaceOptions): Replaced {
  const { pseudonyms, shiftDays, items } = options
  switch (kind) {
    case 'figure':
      return keepIf(figure.test(value) || truth.test(value), value, name, kind, pseudonyms)
    case 'code':
      return keepIf(isCode(value), value, name, kind, pseudonyms)
    case 'date':
      return keepIf(isDateText(value) || truth.test(value), shiftDate(value, shiftDays), name, kind, pseudonyms)
    case 'goods':
      if (items === 'pseudonymous') return { text: articlePseudonym(value, pseudonyms.ofWord), kind }
      return keepIf(articleNumber.test(value), value, name, kind, pseudonyms)
    case 'location':
      return { text: locationNumberPseudonym(value, pseudonyms.ofWord), kind }
    case 'key':
      return { text: keyPseudonym(value, options), kind }
    case 'tax':
      return { text: taxNamePseudonym(value, pseudonyms.of), kind }
    case 'phone':
      return { text: phonePseudonym(value, pseudonyms.ofWord), kind }
    case 'card':
      return { text: expiryPseudonym(name) ?? pseudonyms.of(value), kind }
    case 'pseudonym':
      return { text: pseudonyms.of(value), kind }
  }
}

/** The same for every card, and one that programs take for a month and a year. */
function expiryPseudonym(name: string): string | undefined {
  if (/exp(iration)?_?month/i.test(name)) return '12'
  return /exp(iration)?_?year/i.test(name) ? '2099' : undefined
}

function isCode(value: string): boolean {
  return truth.test(value) || isKnownPhrase(value) || (code.test(value) && !longNumber.test(value))
}

function keepIf(fits: boolean, value: string, name: string, kind: Kind, pseudonyms: Pseudonyms): Replaced {
  if (!fits) return { text: pseudonyms.of(value), kind: 'pseudonym' }
  refuseCardNumber(value, name)
  return { text: value, kind }
}

/** A card number in a field that is kept is a defect of the sender that somebody must know of; hiding it here would hide it there. */
function refuseCardNumber(value: string, name: string): void {
  if (value.length < 13) return
  if (maskCardNumbers(JSON.stringify({ [name]: value })).maskedCount === 0) return
  throw new Problem('card-number-misplaced', `A card number stands in ${name}, where none belongs.`)
}

/** `till:9/34/-/160@2026-03-02` and `fact:account/type/id`, as the identity of a transaction is written. */
function keyPseudonym(key: string, { pseudonyms, shiftDays }: ReplaceOptions): string {
  const till = /^till:([^/]+)\/([^/]+)\/([^/]+)\/(\d+)(?:@(.+))?$/.exec(key)
  if (till) {
    const [, store = '', workstation = '', series = '', number, day] = till
    const place = [store, workstation, series].map((part) => pseudonyms.of(part)).join('/')
    return `till:${place}/${number}${day === undefined ? '' : `@${shiftDate(day, shiftDays)}`}`
  }
  const fact = /^fact:([^/]+)\/([^/]+)\/([^/]+)$/.exec(key)
  if (!fact) return pseudonyms.of(key)
  const [, account = '', type, id = ''] = fact
  return `fact:${encode(pseudonyms.of(decode(account)))}/${type}/${encode(pseudonyms.of(decode(id)))}`
}

const encode = (part: string) =>
  part.replace(/[%/@]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
const decode = (part: string) =>
  part.replace(/%(25|2F|40)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
