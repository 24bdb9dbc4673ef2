import { isReference, type Reference, type ReferenceKind } from './references.ts'

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

const fieldKinds = new Map(Object.entries(fields))

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
 * says is also found in text and in values of the vendor; addresses of mail are found anywhere. What is a reference already
 * stays, so that doing it twice changes nothing: an erased receipt has the same seal as the one that it was.
 */
export function referPersonalData<Document>(document: Document, refer: Reference): Document {
  const known = new Map<string, string>()
  if (typeof document === 'object' && document !== null) collectKnown(document, refer, known)
  return rewrite(document, { refer, known, isExtension: false, isText: false }) as Document
}

/** Whether a document in JSON may hold anything that `referPersonalData` replaces: most receipts are nobody's. */
const mayHold = new RegExp(`@|"(?:${[...Object.keys(fields), 'extensions', 'PAYMENT_ON_ACCOUNT'].join('|')})"`)

/** As `referPersonalData` for a document as text, which stays as it is, to the byte, where nobody is in it. */
export function referPersonalText(json: string, refer: Reference): string {
  return mayHold.test(json) ? JSON.stringify(referPersonalData<unknown>(JSON.parse(json), refer)) : json
}

function collectKnown(value: object, refer: Reference, known: Map<string, string>): void {
  // The names of a list's items are numbers, which are no field.
  for (const name of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    const one: unknown = (value as Record<string | number, unknown>)[name]
    if (typeof one === 'object' && one !== null) collectKnown(one, refer, known)
    else if (typeof one === 'string' && typeof name === 'string' && one.length >= knownLengthMin && !isReference(one)) {
      const kind = kindOf(name, value)
      if (kind !== undefined) known.set(one, refer(kind, one))
    }
  }
}

interface Rewriting {
  refer: Reference
  known: ReadonlyMap<string, string>
  /** Within values of the vendor, whose names are not ours. */
  isExtension: boolean
  isText: boolean
}

/** Gives back the very value where nothing of it is replaced. */
function rewrite(value: unknown, how: Rewriting): unknown {
  if (typeof value === 'string') return rewriteText(value, how)
  if (typeof value === 'number' && how.isExtension) return how.known.get(String(value)) ?? value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return rewriteItems(value, how)
  let copy: Record<string, unknown> | undefined
  for (const name of Object.keys(value)) {
    const one: unknown = (value as Record<string, unknown>)[name]
    const rewritten = rewriteMember(name, one, value, how)
    if (rewritten === one) continue
    copy ??= { ...value }
    copy[name] = rewritten
  }
  return copy ?? value
}

function rewriteItems(items: readonly unknown[], how: Rewriting): readonly unknown[] {
  let copy: unknown[] | undefined
  for (let index = 0; index < items.length; index += 1) {
    const rewritten = rewrite(items[index], how)
    if (rewritten === items[index]) continue
    copy ??= [...items]
    copy[index] = rewritten
  }
  return copy ?? items
}

function rewriteMember(name: string, one: unknown, owner: object, how: Rewriting): unknown {
  if (how.isExtension) return personalName.test(name) ? referWhole(one, how) : rewrite(one, how)
  const kind = typeof one === 'string' ? kindOf(name, owner) : undefined
  if (kind !== undefined) return isReference(one) ? one : how.refer(kind, one as string)
  return rewrite(one, within(name, how))
}

/** Everything in a value that is somebody's. */
function referWhole(value: unknown, how: Rewriting): unknown {
  if (typeof value === 'string')
    return value === '' || isReference(value) ? value : (how.known.get(value) ?? how.refer('value', value))
  if (typeof value === 'number') return how.refer('value', String(value))
  if (Array.isArray(value)) return value.map((one) => referWhole(one, how))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, referWhole(one, how)]))
}

function within(name: string, how: Rewriting): Rewriting {
  if (how.isExtension) return how
  if (name === 'extensions') return { ...how, isExtension: true, isText: true }
  const isText = textFields.has(name)
  return isText === how.isText ? how : { ...how, isText }
}

function rewriteText(text: string, { refer, known, isText }: Rewriting): string {
  const whole = isText ? known.get(text) : undefined
  if (whole !== undefined) return whole
  let rewritten = text
  for (const [value, reference] of isText ? known : []) {
    if (value.length >= knownWithinLengthMin && rewritten.includes(value))
      rewritten = rewritten.replaceAll(value, reference)
  }
  return rewritten.includes('@') ? referAddresses(rewritten, refer) : rewritten
}

/** Until none is left: what stands between two signs of mail is part of two addresses. */
function referAddresses(text: string, refer: Reference): string {
  const referred = text.replace(mail, (address) => refer('contact', address.toLowerCase()))
  return referred === text ? text : referAddresses(referred, refer)
}

function kindOf(name: string, owner: object): ReferenceKind | undefined {
  if (name === 'reference') {
    return 'lineType' in owner && owner.lineType === 'PAYMENT_ON_ACCOUNT' ? 'account' : undefined
  }
  return fieldKinds.get(name)
}
