import { hasValidCheckDigit } from '../domain/identifiers.ts'
import { shapeOf } from './shape.ts'

const gtinLength = 14
/** Indicator and GS1 prefix say of what kind a number is (a store's own, a weight, a coupon); they say nothing of a person. */
const prefixLength = 4

/**
 * Another number of the same kind for an article: prefix and length stay, and a check digit is as right or as wrong as it was.
 * Anything but a number of 8 to 14 digits is replaced like an identifier.
 */
export function articlePseudonym(original: string, ofWord: (word: string) => string): string {
  if (!/^\d{8,14}$/.test(original) || /^0*$/.test(original)) return original.replace(/[\p{L}\p{N}]+/gu, ofWord)
  const padded = original.padStart(gtinLength, '0')
  const kept = Math.max(prefixLength, original.length === 8 ? gtinLength - 7 : 0)
  return withCheckDigit(padded, kept, ofWord).slice(-original.length)
}

/** A store's Global Location Number: nothing of it stays but the length and the sense of its check digit. */
export function locationNumberPseudonym(original: string, ofWord: (word: string) => string): string {
  return /^\d{13}$/.test(original) ? withCheckDigit(original, 0, ofWord) : ofWord(original)
}

function withCheckDigit(digits: string, keptLength: number, ofWord: (word: string) => string): string {
  const head = digits.slice(0, keptLength)
  const middle = digits.slice(keptLength, -1)
  // A wrong check digit stays as wrong as it was.
  const error = (10 + Number(digits.at(-1)) - checkDigitOf(digits.slice(0, -1))) % 10
  const changed = head + (shapeOf(middle).places.length > 0 ? ofWord(middle) : middle)
  return changed + ((checkDigitOf(changed) + error) % 10)
}

/** For GTIN-13 and -14 as for anything shorter that is padded with zeros. */
function checkDigitOf(body: string): number {
  const padded = body.padStart(gtinLength - 1, '0')
  for (let digit = 0; digit < 10; digit += 1) if (hasValidCheckDigit(`${padded}${digit}`)) return digit
  return 0
}
