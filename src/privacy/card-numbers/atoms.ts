/**
 * The smallest piece of text that stands for one digit or one separator: a character, a JSON escape (`\u0034`) or an XML
 * character reference (`&#52;`). `length` is in UTF-16 units. `digit` is -1 for a separator.
 */
export interface Atom {
  digit: number
  /** Code point of a separator, so that a number keeps one kind of separator. */
  separator: number
  length: number
}

const escapedCharacter = /\\u([0-9a-fA-F]{4})|&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));/y
const knownDigits = new Map<number, number>()

export function isAsciiDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Reads the digit or separator at `at`; `undefined` is anything else. */
export function readAtom(text: string, at: number): Atom | undefined {
  const code = text.charCodeAt(at)
  if (isAsciiDigit(code)) return { digit: code - 0x30, separator: 0, length: 1 }
  if (code < 0x80) {
    if (isSeparator(code)) return { digit: -1, separator: code, length: 1 }
    if (code !== 0x5c && code !== 0x26) return undefined
    escapedCharacter.lastIndex = at
    const match = escapedCharacter.exec(text)
    if (match === null) return undefined
    const [whole, json, hexadecimal, decimal] = match
    const codePoint = decimal === undefined ? Number.parseInt(json ?? hexadecimal ?? '', 16) : Number(decimal)
    return codePoint <= 0x10ffff ? atomOf(codePoint, whole.length) : undefined
  }
  const codePoint = text.codePointAt(at) ?? 0
  return atomOf(codePoint, codePoint > 0xffff ? 2 : 1)
}

/** As many UTF-16 units as the digit's atom, and an X for whoever decodes it. */
export function maskAtom(atom: string, mask: 'X' | '0'): string {
  const code = mask.charCodeAt(0)
  if (atom.startsWith('\\u')) return `\\u${code.toString(16).padStart(4, '0')}`
  if (/^&#[xX]/.test(atom)) return `${atom.slice(0, 3)}${code.toString(16).padStart(atom.length - 4, '0')};`
  if (atom.startsWith('&#')) return `&#${String(code).padStart(atom.length - 3, '0')};`
  return mask.repeat(atom.length)
}

function atomOf(codePoint: number, length: number): Atom | undefined {
  if (isSeparator(codePoint)) return { digit: -1, separator: codePoint, length }
  const digit = digitOf(codePoint)
  return digit === -1 ? undefined : { digit, separator: 0, length }
}

/** Space, hyphen and dot in the forms that keyboards and word processors make of them. */
function isSeparator(codePoint: number): boolean {
  return (
    codePoint === 0x20 ||
    codePoint === 0x2d ||
    codePoint === 0x2e ||
    codePoint === 0xa0 ||
    (codePoint >= 0x2000 && codePoint <= 0x2015) ||
    codePoint === 0x202f ||
    codePoint === 0x2212 ||
    codePoint === 0x3000 ||
    codePoint === 0xff0d ||
    codePoint === 0xff0e
  )
}

/** The value of a digit of any script, by NFKC and, where that leaves it alone, by its place in its block; -1 for others. */
function digitOf(codePoint: number): number {
  if (isAsciiDigit(codePoint)) return codePoint - 0x30
  // Letters with accents, Greek and Cyrillic: nothing there is a digit but the three superscripts.
  if (codePoint < 0x660 && codePoint !== 0xb2 && codePoint !== 0xb3 && codePoint !== 0xb9) return -1
  const known = knownDigits.get(codePoint)
  if (known !== undefined) return known
  const digit = computeDigit(codePoint)
  // Bounded: there are under 1,500 such characters in Unicode, and the others of a text repeat.
  if (knownDigits.size < 10_000) knownDigits.set(codePoint, digit)
  return digit
}

function computeDigit(codePoint: number): number {
  const normalized = String.fromCodePoint(codePoint).normalize('NFKC')
  if (/^[0-9]$/.test(normalized)) return Number(normalized)
  if (!/^\p{Nd}$/u.test(normalized)) return -1
  let zero = codePoint
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return (codePoint - zero) % 10
}
