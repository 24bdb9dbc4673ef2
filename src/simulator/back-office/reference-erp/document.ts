/** A document as callers post it. All amounts are minor units of the currency as whole numbers: 12.50 EUR is 1250. */
export interface PostedDocument {
  /** The caller's own reference, by which it is found again. */
  reference: string
  kind: DocumentKind
  store: string
  register?: string
  day: string
  currency: string
  /** Sales, returns and voids: sum of lines, charges and added taxes, and of the payments. */
  total: number
  tax: number
  /** Reference of the document that a return or void goes back to. */
  original?: string
  lines: { article: string; net: number }[]
  charges: { kind: string; amount: number }[]
  taxes: { amount: number; included: boolean }[]
  payments: { method: string; amount: number }[]
}

export const documentKinds = ['sale', 'return', 'void', 'cash-movement', 'till-close'] as const
export type DocumentKind = (typeof documentKinds)[number]

/** Means of payment that have an account in these books. */
export const paymentMethods: ReadonlySet<string> = new Set([
  'cash',
  'card',
  'cheque',
  'gift-card',
  'voucher',
  'account',
  'loyalty',
  'online',
])

export interface Refusal {
  code: string
  message: string
}

/** The document, or why the books do not take it. Messages name places, never values. */
export function readDocument(value: unknown): PostedDocument | Refusal {
  if (!isRecord(value)) return malformed('the document')
  for (const name of ['reference', 'store', 'day', 'currency']) {
    if (typeof value[name] !== 'string' || value[name] === '') return malformed(name)
  }
  if (!(documentKinds as readonly unknown[]).includes(value.kind)) return malformed('kind')
  if (!/^\d{4}-\d{2}-\d{2}$/.test(String(value.day))) return malformed('day')
  if (!/^[A-Z]{3}$/.test(String(value.currency))) return malformed('currency')
  if (value.original !== undefined && typeof value.original !== 'string') return malformed('original')
  if (!isAmount(value.total) || !isAmount(value.tax)) return malformed('total and tax')
  const lists = { lines: 'net', charges: 'amount', taxes: 'amount', payments: 'amount' }
  for (const [list, amount] of Object.entries(lists)) {
    const entries = value[list]
    if (!Array.isArray(entries) || !entries.every((entry) => isRecord(entry) && isAmount(entry[amount]))) {
      return malformed(list)
    }
  }
  const document = value as unknown as PostedDocument
  return refuseContent(document) ?? document
}

function refuseContent(document: PostedDocument): Refusal | undefined {
  const unknown = document.payments.some((payment) => !paymentMethods.has(payment.method))
  if (unknown) return { code: 'unknown-payment-method', message: 'A means of payment has no account.' }
  if (document.kind === 'cash-movement' || document.kind === 'till-close') return undefined
  const { lines, charges, taxes, payments, total } = document
  const added = taxes.filter((tax) => !tax.included)
  const due = sumOf(lines, 'net') + sumOf(charges, 'amount') + sumOf(added, 'amount')
  if (due !== total) return { code: 'unbalanced', message: 'Lines, charges and taxes do not add up to the total.' }
  if (sumOf(payments, 'amount') !== total) {
    return { code: 'unbalanced', message: 'The payments do not add up to the total.' }
  }
  return undefined
}

export function isRefusal(value: PostedDocument | Refusal): value is Refusal {
  return 'code' in value
}

function sumOf<Name extends string>(entries: readonly Record<Name, number>[], name: Name): number {
  return entries.reduce((total, entry) => total + entry[name], 0)
}

function malformed(place: string): Refusal {
  return { code: 'malformed', message: `${place} is missing or not of its form.` }
}

function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
