/**
 * The form of a text, without what it says: which positions hold a letter, a digit or a sign. A pseudonym has the same form, so
 * that whoever reads it (a pattern, a column, a limit of length) treats it as the original.
 */
export interface Shape {
  /** One entry for each character: the alphabet it is drawn from, or the character itself where it stays. */
  places: readonly (Alphabet | string)[]
  /** Tells two shapes apart. */
  signature: string
}

export interface Alphabet {
  name: string
  characters: readonly string[]
}

const alphabet = (name: string, characters: string): Alphabet => ({ name, characters: [...characters] })

const digits = alphabet('9', '0123456789')
const leadingDigits = alphabet('8', '123456789')
const lowerCase = alphabet('a', 'abcdefghijklmnopqrstuvwxyz')
const upperCase = alphabet('A', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
const lowerAccented = alphabet('e', 'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþ')
const upperAccented = alphabet('E', 'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ')
/** Letters of other scripts, emoji, accents by themselves, invisible marks: one ideograph is as good as another. */
const others = alphabet('o', '一丁七万三上下不且世丘丙业丛东丝')

/** A card number or account as a receipt shows it: the mask stays, its digits do not. */
const maskedNumber = /^(?=[^xX*•]{0,32}[xX*•])(?=\D{0,32}\d)[xX*•.\s\d-]{2,32}$/

export function isMaskedNumber(text: string): boolean {
  return maskedNumber.test(text)
}

export function shapeOf(text: string): Shape {
  const places = /^[1-9]\d*$/.test(text)
    ? [...text].map((_, index) => (index === 0 ? leadingDigits : digits))
    : [...text].map(isMaskedNumber(text) ? keepMask : placeOf)
  return { places, signature: places.map((place) => (typeof place === 'string' ? `=${place}` : place.name)).join('') }
}

function keepMask(character: string): Alphabet | string {
  return /\d/.test(character) ? digits : character
}

function placeOf(character: string): Alphabet | string {
  if (/[0-9]/.test(character)) return digits
  if (/[a-z]/.test(character)) return lowerCase
  if (/[A-Z]/.test(character)) return upperCase
  // An address of mail that is a part of a text must not stay one.
  if (character === '@') return '_'
  if (/[\p{ASCII}\p{Z}\p{Cc}]/u.test(character)) return character
  if (/[à-öø-þ]/.test(character)) return lowerAccented
  if (/[À-ÖØ-Þ]/.test(character)) return upperAccented
  return others
}

/** How many texts have this shape. */
export function sizeOf({ places }: Shape): bigint {
  return places.reduce((size, place) => (typeof place === 'string' ? size : size * BigInt(place.characters.length)), 1n)
}

/** Which of the texts of the shape it is, from 0; undefined for a text of characters that only stand in for others. */
export function rankOf(text: string, { places }: Shape): bigint | undefined {
  let rank = 0n
  for (const [index, character] of [...text].entries()) {
    const place = places[index]
    if (place === undefined || typeof place === 'string') continue
    const digit = place.characters.indexOf(character)
    if (digit < 0) return undefined
    rank = rank * BigInt(place.characters.length) + BigInt(digit)
  }
  return rank
}

/** The text of this rank. */
export function textOfRank(rank: bigint, { places }: Shape): string {
  const characters: string[] = []
  let rest = rank
  for (const place of places.toReversed()) {
    if (typeof place === 'string') {
      characters.push(place)
      continue
    }
    const radix = BigInt(place.characters.length)
    characters.push(place.characters[Number(rest % radix)] ?? '')
    rest /= radix
  }
  return characters.reverse().join('')
}
