import { isAsciiDigit, maskAtom, readAtom } from './atoms.ts'
import { maskInBase64 } from './base64.ts'
import { maskCardHashes } from './card-hashes.ts'
import { isBareJsonNumber } from './field.ts'
import { type FoundNumber, findInRun } from './find.ts'
import { endOfShortRun, mayHoldCardNumber } from './may-hold.ts'
import { readRun } from './runs.ts'

export interface MaskedText {
  text: string
  maskedCount: number
}

/**
 * Replaces the middle of every payment card number by X; the first six and last four digits stay (PCI DSS 3.4.1), and so
 * does the length of the text. In a bare JSON number the digits become 0, so that the document stays JSON.
 *
 * Found: 14 to 19 digits of a known issuer range that pass Luhn, unbroken or in groups with one kind of separator (space,
 * hyphen, dot), zero-padded, in digits of any script, as JSON escapes or XML references, and inside one layer of base64.
 * Identifier fields are exempt as `isExempt` says; IBANs, fractions and hashes are told apart by their surroundings.
 *
 * Hashes that are named as those of card numbers are masked whole.
 *
 * Out of reach: a number split over several fields or lines, and one that is compressed, encrypted or encoded twice.
 */
export function maskCardNumbers(text: string): MaskedText {
  return mayHoldCardNumber(text) ? maskThoroughly(text, isJson(text)) : { text, maskedCount: 0 }
}

/** As `maskCardNumbers`, for a piece of a longer text of which the caller knows whether it is JSON. */
export function maskThoroughly(text: string, json: boolean): MaskedText {
  const plain = maskPlain(text, json)
  const encoded = maskInBase64(plain.text, (decoded) => maskPlain(decoded, isJson(decoded)))
  const hashed = maskCardHashes(encoded.text)
  return { text: hashed.text, maskedCount: plain.maskedCount + encoded.maskedCount + hashed.maskedCount }
}

export function isJson(text: string): boolean {
  return /^\ufeff?\s*[[{]/.test(text)
}

function maskPlain(text: string, json: boolean): MaskedText {
  const pieces: string[] = []
  let maskedCount = 0
  let copied = 0
  for (const number of findCardNumbers(text)) {
    const mask = json && isBareJsonNumber(text, number.start, number.end) ? '0' : 'X'
    pieces.push(text.slice(copied, number.start), maskNumber(text, number, mask))
    copied = number.end
    maskedCount += 1
  }
  return maskedCount === 0 ? { text, maskedCount } : { text: pieces.join('') + text.slice(copied), maskedCount }
}

function* findCardNumbers(text: string): Generator<FoundNumber> {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (!isAsciiDigit(code) && code < 0x80 && code !== 0x5c && code !== 0x26) continue
    const shortEnd = isAsciiDigit(code) ? endOfShortRun(text, at) : undefined
    if (shortEnd !== undefined) {
      at = shortEnd - 1
      continue
    }
    const run = readRun(text, at)
    if (run !== undefined) {
      if (run.end - at >= 14) yield* findInRun(text, run.groups)
      at = run.end - 1
    } else if (code === 0x5c) {
      // The hexadecimal digits of an escaped letter are not digits of the text.
      at += text.charCodeAt(at + 1) === 0x75 ? 5 : 1
    }
  }
}

function maskNumber(text: string, number: FoundNumber, mask: 'X' | '0'): string {
  const atoms: { text: string; isDigit: boolean }[] = []
  for (let at = number.start; at < number.end; ) {
    const atom = readAtom(text, at)
    const length = atom?.length ?? 1
    atoms.push({ text: text.slice(at, at + length), isDigit: atom !== undefined && atom.digit !== -1 })
    at += length
  }
  const digitCount = atoms.filter((atom) => atom.isDigit).length
  let place = 0
  return atoms
    .map((atom) => {
      if (!atom.isDigit) return atom.text
      place += 1
      return place <= 6 || place > digitCount - 4 ? atom.text : maskAtom(atom.text, mask)
    })
    .join('')
}
