import { isReference, type Reference } from './references.ts'

/** Where somebody can type: vendors' own values, and why something was allowed. What goods are called stays, since the law wants it kept. */
const mayHold = /"(?:extensions|reason)"/

/**
 * A document in JSON, as `referPersonalText` leaves it, with a reference in the place of every text that somebody may have typed: whoever
 * is erased may be named in it in ways that no rule finds. Codes, numbers, times and signatures of vendors stay (one word with a digit in
 * it, or up to three characters). Done twice it changes nothing; a document without such text stays as it is, to the byte.
 */
export function referFreeText(json: string, refer: Reference): string {
  return mayHold.test(json) ? JSON.stringify(rewrite(JSON.parse(json), refer, false)) : json
}

function rewrite(value: unknown, refer: Reference, isVendors: boolean): unknown {
  if (typeof value === 'string') return isVendors && mayBeTyped(value) ? refer('text', value) : value
  if (Array.isArray(value)) return value.map((one) => rewrite(one, refer, isVendors))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, one]) => [
    name,
    name === 'reason' && typeof one === 'string' && !isReference(one)
      ? refer('text', one)
      : rewrite(one, refer, isVendors || name === 'extensions'),
  ])
  return Object.fromEntries(members)
}

/** Longer than a flag or a unit, and no word of a machine. */
function mayBeTyped(text: string): boolean {
  return text.length > 3 && !isReference(text) && !/^(?=.*\d)\S+$/.test(text)
}
