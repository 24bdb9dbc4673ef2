import schema from '../../contract/generated/transaction.v1.schema.json' with { type: 'json' }
import * as codes from '../../domain/transaction/codes.ts'

type Definition = { properties?: Record<string, unknown> }

const definitions = schema.definitions as Record<string, Definition>

function namesOf(definition: string): ReadonlySet<string> {
  return new Set(Object.keys(definitions[definition]?.properties ?? {}))
}

/** Fields of the header that the model knows. */
export const headerNames = namesOf('Transaction')

const amountNames = namesOf('AmountLine')

/** Fields of a line that the model knows, by the kind of line. */
export const lineNames: Readonly<Record<string, ReadonlySet<string>>> = {
  SALE: namesOf('SaleLine'),
  RETURN: namesOf('SaleLine'),
  TENDER: namesOf('TenderLine'),
  TAX: namesOf('TaxLine'),
  LOYALTY: namesOf('LoyaltyLine'),
  DISCOUNT: amountNames,
  ROUNDING: amountNames,
  GIFT_CARD: amountNames,
  DEPOSIT: amountNames,
  FEE: amountNames,
  DONATION: amountNames,
  TIP: amountNames,
  PAYMENT_ON_ACCOUNT: amountNames,
  COUPON: amountNames,
  UNKNOWN: namesOf('UnknownLine'),
}

/** What a document that leaves these out means. */
export const defaults: Readonly<Record<string, () => unknown>> = {
  schemaVersion: () => 1,
  status: () => 'COMPLETED',
  lines: () => [],
}

/** Fields that a client may leave out though every transaction has them; the business day follows from the time. */
export const filledNames: readonly string[] = [...Object.keys(defaults), 'businessDayDate']

/** Set by the hub; a client that sends one of these tries to write what it may not. */
export const readOnlyNames: readonly string[] = [
  'transactionId',
  'transactionKey',
  'contentHash',
  'receivedAt',
  'recordedAt',
  'findings',
  'computedTotals',
]

/** An enumeration: what it knows, and the word for everything else (undefined: the field is left out). */
export interface Enumeration {
  known: ReadonlySet<unknown>
  otherwise: string | undefined
}

const list = (known: readonly string[], otherwise?: string): Enumeration => ({ known: new Set(known), otherwise })

export const headerEnumerations: Readonly<Record<string, Enumeration>> = {
  transactionType: list(codes.transactionTypes, 'UNKNOWN'),
  channel: list(codes.channels),
  workstationType: list(codes.workstationTypes, 'OTHER'),
}

export const lineEnumerations: Readonly<Record<string, Enumeration>> = {
  entryMethod: list(codes.entryMethods, 'OTHER'),
  itemType: list(codes.itemTypes, 'OTHER'),
  tenderType: list(codes.tenderTypes, 'OTHER'),
  taxType: list(codes.taxTypes, 'OTHER'),
}

export const taxEnumerations = { taxType: list(codes.taxTypes, 'OTHER') }
export const modifierEnumerations = { method: list(codes.modifierMethods, 'OTHER') }
