import type { MaskedText } from './mask-card-numbers.ts'

/**
 * Three ASCII digits in base64: every spelling of a card number has three digits in a row at a multiple of three, and
 * among other base64 one quadruple in ten thousand looks so. The hit also tells the alignment.
 */
const threeDigits = /[MNO][DTjz][AEIMQUYcgk][wxyz0-5]/
const token = /^[A-Za-z0-9+/_-]*/
const tokenEnd = /[A-Za-z0-9+/_-]*$/

/** Characters looked at on each side of a hit: a number with its separators and the name before it. */
const base64Reach = 96
const tokenLengthMin = 20

export function mayHoldBase64Digits(text: string): boolean {
  return threeDigits.test(text)
}

/** Masks inside base64 words and encodes them again, so that length and alphabet stay. */
export function maskInBase64(text: string, mask: (decoded: string) => MaskedText): MaskedText {
  const hits = new RegExp(threeDigits, 'g')
  let maskedText = text
  let maskedCount = 0
  for (let hit = hits.exec(text); hit !== null; hit = hits.exec(text)) {
    const at = hit.index
    hits.lastIndex = at + 1
    const before = tokenEnd.exec(maskedText.slice(Math.max(0, at - base64Reach), at))?.[0].length ?? 0
    const start = at - (before - (before % 4))
    const word = token.exec(maskedText.slice(start, at + base64Reach))?.[0] ?? ''
    if ((before % 4) + word.length < tokenLengthMin) continue
    const masked = mask(Buffer.from(word, 'base64').toString('latin1'))
    if (masked.maskedCount === 0) continue
    maskedText = maskedText.slice(0, start) + encodeLike(word, masked.text) + maskedText.slice(start + word.length)
    maskedCount += masked.maskedCount
  }
  return { text: maskedText, maskedCount }
}

function encodeLike(word: string, decoded: string): string {
  const isUrlSafe = /[-_]/.test(word)
  const encoded = Buffer.from(decoded, 'latin1')
    .toString(isUrlSafe ? 'base64url' : 'base64')
    .replaceAll('=', '')
  // A last character that completes no byte is kept as it was.
  return encoded + word.slice(encoded.length)
}
