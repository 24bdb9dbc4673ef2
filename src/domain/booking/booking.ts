import type { TenderType } from '../transaction/codes.ts'
import type { DecimalString } from '../transaction/scalars.ts'

/**
 * What a receipt is to the books: one document that balances, in minor units of its currency. It is the same for every ERP, which
 * only has other words for it: a connector's translation begins here.
 *
 * `total` = lines + charges + taxes that are not included = payments. Goods out and money in are positive.
 */
export interface Booking {
  kind: 'sale' | 'return' | 'void' | 'cash-movement' | 'till-close'
  /** The transaction's permanent key: the document is found again by it. */
  reference: string
  businessUnitId: string
  workstationId?: string
  sequenceNumber?: number
  businessDayDate: string
  issuedAt?: string
  currency: string
  /** The till's own total where it gave one: where its lines say something else the document does not balance. */
  total: bigint
  /** The sum of `taxes`. */
  tax: bigint
  /** The reference of the document that this one goes back to. */
  original?: string
  lines: BookedLine[]
  /** Money beside the goods (fee, deposit, tip, gift card, rounding ...), or the kind of a movement of cash. */
  charges: { kind: string; amount: bigint }[]
  taxes: { ratePercent?: DecimalString; amount: bigint; included: boolean }[]
  payments: { tenderType: TenderType; amount: bigint }[]
  /** What a till says at its closing, as printed. */
  closing?: { zNumber?: number; counted?: bigint; expected?: bigint; overShort?: bigint }
}

/** Goods or services; `net` is after discounts, with the tax that is included in the price. */
export interface BookedLine {
  lineNumber: number
  itemId: string
  description?: string
  quantity: DecimalString
  net: bigint
}
