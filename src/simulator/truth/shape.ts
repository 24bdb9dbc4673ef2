import type { StoreProfile } from '../../domain/store.ts'
import type { ModifierMethod, TenderType, TransactionType } from '../../domain/transaction/codes.ts'
import type { CalendarDate, CurrencyCode, DecimalString, Identifier } from '../../domain/transaction/scalars.ts'
import type { FaultName } from '../faults/fault-list.ts'

/** What really happened at the tills of a simulated retailer: what a system that was told of it must come to, to the cent. */
export interface Truth {
  /** Version of this shape. */
  version: 1
  /** How it was made: the same values make the same retailer again. */
  made: TruthMaking
  stores: (StoreProfile & { country: string; workstationIds: Identifier[] })[]
  /** Country by country, day by day, store by store; a store that is closed on a day has none. */
  storeDays: StoreDayTruth[]
  /** Over all store days. */
  totals: { transactions: number; receipts: number; planted: Partial<Record<FaultName, number>> }
  /** False: the run was stopped; only whole days are in it. */
  complete: boolean
}

export interface TruthMaking {
  seed: number
  stores: number
  tills: number
  days: number
  firstDay: CalendarDate
  receiptsPerTill: number
  faults: Record<FaultName, number>
  format: string
}

export interface StoreDayTruth {
  businessUnitId: Identifier
  businessDayDate: CalendarDate
  currency: CurrencyCode
  /** Everything that was really sold, paid and returned, faults or not. */
  sold: StoreDayFigures
  /** The part of `sold` that nobody can know: lost numbers, unreadable documents. Absent: nothing. */
  withheld?: StoreDayFigures
  /** The part of `sold` that was uploaded with a fault that a target must refuse. */
  poisoned?: StoreDayFigures
  /** The part of `sold` that the chosen format has no words for. */
  leftOut?: StoreDayFigures
  planted: Planted[]
}

/** A fault that was planted. */
export interface Planted {
  fault: FaultName
  workstationId: Identifier
  /** The transaction keys concerned, in the order of the till. */
  transactionKeys: string[]
  detail?: Record<string, string | number>
}

/** Sums in the store's currency, signed by the rule of the transaction: goods out and money in are positive. */
export interface StoreDayFigures {
  /** Every transaction with a number, by type. */
  transactions: Partial<Record<TransactionType, number>>
  /** Those for the books as sales of some kind, by type; all amounts below are theirs unless it is said otherwise. */
  receipts: Partial<Record<TransactionType, number>>
  /** Training, suspended and cancelled ones: no money, no stock. */
  notForTheBooks: number
  grossSales: DecimalString
  discounts: DecimalString
  discountsByMethod: Partial<Record<ModifierMethod, DecimalString>>
  /** With the tax where prices contain it. */
  netSales: DecimalString
  taxIncluded: DecimalString
  taxAdded: DecimalString
  /** Gift cards sold and loaded. */
  nonSales: DecimalString
  tips: DecimalString
  rounding: DecimalString
  /** netSales + taxAdded + nonSales + tips + rounding; the sum of the tenders. */
  grandTotal: DecimalString
  /** `taxable`: the base as priced, with the tax where prices contain it. */
  taxes: { ratePercent: DecimalString; included: boolean; taxable: DecimalString; tax: DecimalString }[]
  /** In the store's currency, foreign cash at its value less change. */
  tenders: { tenderType: TenderType; count: number; amount: DecimalString }[]
  /** Foreign notes taken, in their own currency. */
  foreignCash: { currency: CurrencyCode; amount: DecimalString }[]
  /** Goods that came back, without voids: net amounts and lines. */
  returns: { lines: number; netAmount: DecimalString }
  /** Grand totals of post-voids. */
  postVoids: DecimalString
  /** By item: pieces or kilograms over the counter and back, voids included; `movement` is what stock changed by. */
  stock: { itemId: string; sold: DecimalString; returned: DecimalString; movement: DecimalString }[]
  /** Cash beside sales. Over is positive, short negative. */
  cash: {
    loans: DecimalString
    pickups: DecimalString
    paidIn: DecimalString
    paidOut: DecimalString
    overShort: DecimalString
  }
  giftCards: { sold: DecimalString; redeemed: DecimalString }
  points: { earned: number; redeemed: number; adjusted: number }
}
