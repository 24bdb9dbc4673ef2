import type { Extensions } from '../../domain/transaction/scalars.ts'
import { type Element, localPart } from './element.ts'
import { isVendorWord } from './notes.ts'

/** Of one element of ours, so that a vendor's page of figures does not become ours. */
const entriesMax = 32
const depthMax = 3

/**
 * Keeps what vendors add in elements of their own, by their names (`acs:OperatorSequence`, `dtv:Till/dtv:Drawer`): plain words and
 * figures only. Free text stays in the raw bytes, and so does everything whose name speaks of a person, an account or a card.
 */
export function keepVendorElements(element: Element, extended: { extensions?: Extensions }, except?: Element): void {
  for (const child of element.children) {
    if (isVendorName(child.name) && child !== except) keep(child, child.name, 1, extended)
  }
}

function keep(element: Element, path: string, depth: number, extended: { extensions?: Extensions }): void {
  if (isAboutPeople(localPart(element.name))) return
  if (element.children.length > 0) {
    if (depth === depthMax) return
    for (const child of element.children) keep(child, `${path}/${child.name}`, depth + 1, extended)
    return
  }
  const word = element.text.trim()
  if (!isVendorWord(word) || isPhoneOrCardNumber(word)) return
  extended.extensions ??= {}
  const { extensions } = extended
  if (path in extensions || localPart(path) in extensions || Object.keys(extensions).length >= entriesMax) return
  extensions[path] = word
}

function isVendorName(name: string): boolean {
  return name.includes(':')
}

/** Parts of names in the languages of the senders seen; one too many costs a figure, one too few a person's secret. */
const peopleParts =
  /name|namn|mail|phone|telefon|fax|address|adress|street|stra(ss|ß)e|city|zip|post(al|code)|birth|geburt|national|person|social|passport|signature|gender|customer|kund|client|consumer|member|household|loyal|holder|owner|guest|patient|account|iban|card|track|token|secret|passw|note|comment|remark|message|memo|text/i
/** Short words that are parts of harmless longer ones: `Pan` of `Company`, `Age` of `Percentage`. */
const peopleWords =
  /(^|[a-z\d_-])(Pan|Pin|PIN|Cvv|CVV|CVC|Ssn|SSN|Dob|DOB|Tel|TEL|Age|Sex)(?![a-z])|PAN(?![A-Za-z])|^(pan|pin|cvv|ssn|dob|tel|age|sex)$/

/** Names repeat from receipt to receipt; a sender who invents new ones forever does not fill the memory. */
const judgedMax = 2_000
const judged = new Map<string, boolean>()

function isAboutPeople(name: string): boolean {
  let known = judged.get(name)
  if (known === undefined) {
    known = peopleParts.test(name) || peopleWords.test(name)
    if (judged.size < judgedMax) judged.set(name, known)
  }
  return known
}

/** A number with a plus in front, or 13 to 19 digits with the check digit of cards (ISO/IEC 7812-1, Luhn). */
function isPhoneOrCardNumber(word: string): boolean {
  if (/^\+\d/.test(word)) return true
  const digits = word.replaceAll('-', '')
  if (!/^\d{13,19}$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index])
    const weighted = index % 2 === 0 ? digit : 2 * digit
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}
