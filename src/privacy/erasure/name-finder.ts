/** Finds a person's id in text that no index leads to. */
export interface NameFinder {
  /** Whether the id stands there as a word of its own, or, where it is too short for that, as the value of a person's field. */
  isIn(text: string): boolean
  /** The text with `reference` in its places. */
  replaceIn(text: string, reference: string): string
}

/** A shorter one is a count, a till or a price by chance. */
const wordLengthMin = 6
const boundary = '[^\\p{L}\\p{N}_]'
/** Between the name of a field and its value: quotes, colons, equals signs, the end of a tag. */
const fieldOfPerson =
  '(?:customer|loyalty|member|account|client|person|shopper|buyer)[\\p{L}\\p{N}_.:-]{0,40}(?:["\'\\s]*[:=>]["\'\\s]*|["\'>\\s]+)'

export function findNames(id: string): NameFinder {
  // What JSON and XML make of characters that they cannot write as they are.
  const forms = [...new Set([id, jsonForm(id), xmlForm(id)])].map(escapeFor).join('|')
  const before = id.length >= wordLengthMin ? `(?<=^|${boundary})` : `(?<=${fieldOfPerson})`
  const pattern = new RegExp(`${before}(?:${forms})(?=$|${boundary})`, 'giu')
  return {
    isIn: (text) => {
      pattern.lastIndex = 0
      return pattern.test(text)
    },
    replaceIn: (text, reference) => text.replace(pattern, reference),
  }
}

const escapeFor = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const jsonForm = (id: string) => JSON.stringify(id).slice(1, -1)
const xmlForm = (id: string) => id.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
