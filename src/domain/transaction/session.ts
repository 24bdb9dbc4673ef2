import type { TenderType } from './codes.ts'
import type { CurrencyCode, DecimalString, ExternalIdentifier, Identifier, Timestamp } from './scalars.ts'

/** What was counted, expected or missing of one means of payment. */
export interface TenderCount {
  tenderType: TenderType
  currency?: CurrencyCode
  amount: DecimalString
  /** @maxItems 64 */
  denominations?: { value: DecimalString /** @asType integer */; count: number }[]
}

/** A drawer from float to count (Square's CashDrawerShift, ARTS TillSettle). */
export interface TillSession {
  sessionId?: ExternalIdentifier
  openedAt?: Timestamp
  closedAt?: Timestamp
  openingFloat?: DecimalString
  cashSales?: DecimalString
  cashRefunds?: DecimalString
  paidIn?: DecimalString
  paidOut?: DecimalString
  loans?: DecimalString
  pickups?: DecimalString
  /** @maxItems 64 */
  declared?: TenderCount[]
  /** @maxItems 64 */
  expected?: TenderCount[]
  /** @maxItems 64 */
  overShort?: TenderCount[]
}

/** The till's own closing report: header values are stored as printed, never summed from the lines. */
export interface ZReport {
  /** Monotonic per workstation or fiscal device. @minimum 0 @asType integer */
  zNumber: number
  workstationId?: Identifier
  /** @asType integer */
  firstSequence?: number
  /** @asType integer */
  lastSequence?: number
  /** @asType integer */
  transactionCount?: number
  /** @asType integer */
  voidCount?: number
  /** @asType integer */
  returnCount?: number
  /** @asType integer */
  noSaleCount?: number
  /** @maxItems 64 */
  salesByTaxRate?: { ratePercent: DecimalString; net?: DecimalString; tax: DecimalString; gross?: DecimalString }[]
  /** @maxItems 64 */
  tenders?: { tenderType: TenderType; amount: DecimalString /** @asType integer */; count?: number }[]
  grossSales?: DecimalString
  netSales?: DecimalString
  taxTotal?: DecimalString
  paidIn?: DecimalString
  paidOut?: DecimalString
  openingFloat?: DecimalString
  closingCount?: DecimalString
  overShort?: DecimalString
  nonResettableGrandTotal?: { previous: DecimalString; current: DecimalString }
}
