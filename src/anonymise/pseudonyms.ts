import { maskCardNumbers } from '../privacy/card-numbers/mask-card-numbers.ts'
import { contactPseudonym } from './contacts.ts'
import { keyedBytes, permute } from './permute.ts'
import { isMaskedNumber, rankOf, type Shape, shapeOf, sizeOf, textOfRank } from './shape.ts'

/** Beyond this two texts of one shape do not meet by chance, and the arithmetic would become slow. */
const permutedSizeMax = 1n << 128n
const walksMax = 64
/** Pseudonyms that are remembered: tills, clerks and customers come again and again. */
const rememberedMax = 50_000

/** Turns originals into pseudonyms: the same one for the same original and key, of the same form, in every file. */
export interface Pseudonyms {
  /** Whatever it is: an address, a date of birth, an identifier, a name, a sentence. */
  of(original: string): string
  /** A word or number as it stands, without looking for addresses or dates in it. */
  ofWord(original: string): string
  /** Hexadecimal digits that stand for the original: 8 of them for each 4 bytes. */
  digestOf(original: string): string
}

export function createPseudonyms(key: Uint8Array): Pseudonyms {
  const remembered = new Map<string, string>()
  const ofWord = (original: string) => {
    const known = remembered.get(original)
    if (known !== undefined) return known
    const pseudonym = pseudonymOfWord(key, original)
    if (remembered.size >= rememberedMax) remembered.clear()
    remembered.set(original, pseudonym)
    return pseudonym
  }
  return {
    ofWord,
    of: (original) => contactPseudonym(original, ofWord, key) ?? ofParts(original, ofWord),
    digestOf: (original) => keyedBytes(key, `digest\0${original}`, 4).toString('hex'),
  }
}

/**
 * The words of an identifier have their pseudonyms one by one, so that `#1001`, `1001` and `order/1001` still mean the same. A text
 * has one as a whole: replaced word by word, it could be read like any simple cipher.
 */
function ofParts(original: string, ofWord: (word: string) => string): string {
  const isIdentifier = /\d/.test(original) && !/\s/.test(original) && !isMaskedNumber(original)
  return isIdentifier ? original.replace(/[\p{L}\p{N}*•]+|@/gu, ofWord) : ofWord(original)
}

function pseudonymOfWord(key: Uint8Array, original: string): string {
  // Zeros in front only fill a field: 00123 and 123 are the same number, before and after.
  const [zeros = ''] = /^0+(?=\d*$)/.exec(original) ?? []
  if (zeros !== '') return zeros + pseudonymOfWord(key, original.slice(zeros.length))
  const shape = shapeOf(original)
  const size = sizeOf(shape)
  if (size === 1n) return shape.places.join('')
  const isSafeInteger = isSafe(original)
  let rank = size <= permutedSizeMax ? rankOf(original, shape) : undefined
  let text = original
  for (let walk = 0; walk < walksMax; walk += 1) {
    if (rank === undefined) {
      text = drawText(key, `${walk}\0${original}`, shape)
    } else {
      rank = permute(key, shape.signature, rank, size)
      text = textOfRank(rank, shape)
    }
    if (!looksLikeCard(text) && isSafe(text) === isSafeInteger) break
  }
  return text
}

function drawText(key: Uint8Array, seed: string, { places, signature }: Shape): string {
  const bytes = keyedBytes(key, `${signature}\0${seed}`, places.length * 2)
  return places
    .map((place, index) =>
      typeof place === 'string' ? place : place.characters[bytes.readUInt16BE(index * 2) % place.characters.length],
    )
    .join('')
}

/** A number that programs can hold must not become one that they refuse. */
function isSafe(text: string): boolean {
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))
}

/** Made-up numbers must not pass for card numbers: a hub would mask them, and a reader leave them out. */
function looksLikeCard(text: string): boolean {
  const digits = text.replaceAll('-', '')
  return (/^\d{13,19}$/.test(digits) && passesLuhn(digits)) || maskCardNumbers(text).maskedCount > 0
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let fromEnd = 0; fromEnd < digits.length; fromEnd += 1) {
    const weighted = Number(digits[digits.length - 1 - fromEnd]) * (1 + (fromEnd % 2))
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}
