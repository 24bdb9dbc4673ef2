import type { Reference, ReferenceKind } from './references.ts'

/** Fields of the transaction that name a person, or what only one person has. */
const fields: Readonly<Record<string, ReferenceKind>> = {
  customerId: 'customer',
  loyaltyAccountId: 'loyalty',
  // Of a loyalty line.
  accountId: 'loyalty',
  // Of a card: the same on every receipt that it paid for.
  token: 'card',
  // Of an exemption from tax.
  certificate: 'certificate',
}

/** Words for people in the names that vendors give their own values; such a value is referred to whole. */
const personalName = new RegExp(
  [
    'e-?mail',
    'phone|mobile|telefon|telefax|\\bfax',
    'birth|gender|\\bdob\\b',
    '(first|last|given|family|full|sur|middle|nick|maiden|vor|nach)[_ .-]?name',
    '(customer|client|guest|buyer|recipient|holder|contact|member|person|patient|kunde[n]?)[_ .-]?(name|id|no|num|key|account|ref)',
    '(loyalty|member(ship)?)[_ .-]?(card|id|no|num|key|account)',
    '(street|postal|zip|home|billing|shipping|delivery|mailing)[_ .-]?(address|code|name|line)?\\b',
    'address[_ .-]?line|\\baddress\\b|passport|national[_ .-]?id|tax[_ .-]?payer|iban',
  ].join('|'),
  'i',
)
const mail = /[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.[^\s@<>"'(),;:]+/g
/** Fields of text that somebody wrote, or that a check made of the document. Amounts, codes and dates are never somebody's. */
const textFields = new Set(['description', 'reason', 'message', 'advice', 'expected', 'given', 'failureReason'])
/** Shorter ones are flags and counts by chance, and stand within other numbers. */
const knownLengthMin = 3
const knownWithinLengthMin = 6

/**
 * A copy of a document without personal data in clear: every name of a person is a stable reference. What one of the fields
 * says is also found in text and in values of the vendor; addresses of mail are found anywhere.
 */
export function referPersonalData<Document>(document: Document, refer: Reference): Document {
  const known = new Map<string, string>()
  collectKnown(document, refer, known)
  return rewrite(document, { refer, known, isExtension: false, isText: false }) as Document
}

function collectKnown(value: unknown, refer: Reference, known: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, one] of Object.entries(value)) {
    const kind = kindOf(name, value)
    if (kind !== undefined && typeof one === 'string' && one.length >= knownLengthMin) known.set(one, refer(kind, one))
    else collectKnown(one, refer, known)
  }
}

interface Rewriting {
  refer: Reference
  known: ReadonlyMap<string, string>
  /** Within values of the vendor, whose names are not ours. */
  isExtension: boolean
  isText: boolean
}

function rewrite(value: unknown, how: Rewriting): unknown {
  if (typeof value === 'string') return rewriteText(value, how)
  if (typeof value === 'number' && how.isExtension) return how.known.get(String(value)) ?? value
  if (Array.isArray(value)) return value.map((one) => rewrite(one, how))
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [name, one] of Object.entries(value)) {
    const kind = how.isExtension ? undefined : kindOf(name, value)
    if (kind !== undefined && typeof one === 'string') copy[name] = how.refer(kind, one)
    else if (how.isExtension && personalName.test(name)) copy[name] = referWhole(one, how)
    else copy[name] = rewrite(one, within(name, how))
  }
  return copy
}

function within(name: string, how: Rewriting): Rewriting {
  if (how.isExtension) return how
  if (name === 'extensions') return { ...how, isExtension: true, isText: true }
  const isText = textFields.has(name)
  return isText === how.isText ? how : { ...how, isText }
}

/** Everything in a value that is somebody's. */
function referWhole(value: unknown, how: Rewriting): unknown {
  if (typeof value === 'string') return value === '' ? '' : (how.known.get(value) ?? how.refer('value', value))
  if (typeof value === 'number') return how.refer('value', String(value))
  if (Array.isArray(value)) return value.map((one) => referWhole(one, how))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, referWhole(one, how)]))
}

function rewriteText(text: string, { refer, known, isText }: Rewriting): string {
  const whole = isText ? known.get(text) : undefined
  if (whole !== undefined) return whole
  let rewritten = text
  for (const [value, reference] of isText ? known : []) {
    if (value.length >= knownWithinLengthMin && rewritten.includes(value))
      rewritten = rewritten.replaceAll(value, reference)
  }
  return rewritten.includes('@')
    ? rewritten.replace(mail, (address) => refer('contact', address.toLowerCase()))
    : rewritten
}

function kindOf(name: string, owner: object): ReferenceKind | undefined {
  if (name === 'reference') {
    return 'lineType' in owner && owner.lineType === 'PAYMENT_ON_ACCOUNT' ? 'account' : undefined
  }
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}
