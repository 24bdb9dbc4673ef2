import { formatDecimal, parseDecimal } from '../../domain/decimal.ts'
import { attributeOf, childOf, contentOf, type Element } from './element.ts'
import { Unrepresentable } from './notes.ts'

const canonical = /^-?(0|[1-9]\d{0,14})(\.\d{1,5})?$/
const negativeZero = /^-0(\.0+)?$/

/** An XML decimal as a canonical decimal string: the till's own digits where they fit. Undefined when there is no text. */
export function readDecimal(element: Element | undefined): string | undefined {
  const text = contentOf(element)
  return text === undefined ? undefined : normaliseDecimal(text, localName(element))
}

/** The amount of a child, with `Action="Subtract"` read as its sign. */
export function amountOf(element: Element | undefined, name: string): string | undefined {
  return readAmount(childOf(element, name))
}

export function readAmount(element: Element | undefined): string | undefined {
  const amount = readDecimal(element)
  return amount !== undefined && attributeOf(element, 'Action') === 'Subtract' ? belowZero(amount) : amount
}

export function decimalOf(element: Element | undefined, name: string): string | undefined {
  return readDecimal(childOf(element, name))
}

/** A price without its sign: unit prices are never negative. */
export function priceOf(element: Element | undefined, name: string): string | undefined {
  const price = decimalOf(element, name)
  return price === undefined ? undefined : magnitude(price)
}

export function normaliseDecimal(text: string, name: string): string {
  if (canonical.test(text)) return negativeZero.test(text) ? text.slice(1) : text
  const parsed = parseDecimal(text.startsWith('.') ? `0${text}` : text)
  const plain = parsed && formatDecimal(parsed)
  if (plain === undefined) throw new Unrepresentable('money-not-decimal-string', `${name} is not a decimal number.`)
  if (!canonical.test(plain)) {
    throw new Unrepresentable('amount-out-of-range', `${name} has more digits than an amount can have.`)
  }
  return plain
}

export function negated(amount: string): string {
  if (isZero(amount)) return amount
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`
}

export function magnitude(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : amount
}

/** The magnitude with a minus. */
export function belowZero(amount: string): string {
  return isNegative(amount) ? amount : negated(amount)
}

export function isNegative(amount: string): boolean {
  return amount.startsWith('-')
}

export function isZero(amount: string): boolean {
  return /^-?[0.]+$/.test(amount)
}

function localName(element: Element | undefined): string {
  return element?.name ?? 'A number'
}
