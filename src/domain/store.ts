import type { CurrencyCode, Identifier, TimeZone } from './transaction/scalars.ts'

/** What the hub must know of a store to read its receipts: the calendar, the money and the rules of its country. */
export interface StoreProfile {
  businessUnitId: Identifier
  /** The company that the store belongs to, and the region that somebody looks after: what people may do can end there. */
  legalEntity?: string
  region?: string
  timeZone: TimeZone
  currency: CurrencyCode
  /** The local time at which a new business day begins, `HH:MM`; sales after midnight and before it belong to the day before. */
  businessDayStartsAt: string
  /** Smallest coin in cash, e.g. `0.05`; cash totals are rounded to it (INV-06). */
  smallestCoin?: string
  /** Whether the till's numbers restart with every business day. */
  numbersRestartDaily: boolean
  /** The level at which tax is rounded in the store's jurisdiction. */
  taxRounding: 'LINE' | 'TOTAL'
  /** Amount in `currency` above which a void or a price override needs an approval (INV-20). */
  approvalLimit?: string
}
