import type { MaskedText } from './mask-card-numbers.ts'

/** Nearly every text ends here; written out in place of the flag `i`, which costs twice as much. */
const worthALook = /[hH]ash|HASH|[sS]ha[\d_-]|[sS]ha"|SHA|[mM][dD]5|[dD]igest|DIGEST/

/** Words for a card number, and words for a hash, in either order, in one name. */
const card = '(?:pan|card(?:[-_]?(?:number|num|no))?|primary[-_]?account(?:[-_]?number)?)'
const hashed = '(?:hash(?:ed)?|sha(?:[-_]?(?:1|2|256|384|512))?|md5|digest|hmac)'
const name = `[\\w.:-]{0,32}(?:${card}[-_]?${hashed}|${hashed}[-_]?(?:of[-_]?)?${card})[-_]?(?:value|hex|base64)?`
const value = '[A-Za-z0-9+/_-]{22,128}={0,2}'
const hashOfCard = new RegExp(
  [
    `("${name}\\\\?"\\s*:\\s*\\\\?")(${value})(?=\\\\?")`,
    `(<${name}(?:\\s[^<>]{0,256})?>\\s*)(${value})(?=\\s*<)`,
    `(\\s${name}\\s*=\\s*["'])(${value})(?=["'])`,
  ].join('|'),
  'gi',
)

/**
 * Masks hashes that a field's name says are of a card number: with the first and last digits beside it, a hash gives the number away (PCI
 * DSS 3.5.1). A hash without such a name cannot be told from a signature, and stays.
 */
export function maskCardHashes(text: string): MaskedText {
  if (!worthALook.test(text)) return { text, maskedCount: 0 }
  let maskedCount = 0
  const masked = text.replace(hashOfCard, (whole, ...groups: (string | undefined)[]) => {
    const start = groups[0] ?? groups[2] ?? groups[4] ?? ''
    const hash = groups[1] ?? groups[3] ?? groups[5] ?? ''
    if (/^X+$/.test(hash)) return whole
    maskedCount += 1
    return start + 'X'.repeat(hash.length)
  })
  return { text: masked, maskedCount }
}

/** Whether a text may have one; also of bytes that were read as Latin-1. */
export function mayHoldCardHash(text: string): boolean {
  return worthALook.test(text)
}
