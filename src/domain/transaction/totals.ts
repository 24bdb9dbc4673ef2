import type { DecimalString } from './scalars.ts'

/**
 * Header totals in the header's currency. The till's own figures and ours stand side by side: the till's are the truth,
 * ours find the difference.
 */
export interface Totals {
  grossSales?: DecimalString
  discounts?: DecimalString
  netSales?: DecimalString
  taxIncluded?: DecimalString
  taxAdded?: DecimalString
  taxTotal?: DecimalString
  rounding?: DecimalString
  tip?: DecimalString
  grandTotal?: DecimalString
  tenderTotal?: DecimalString
  changeTotal?: DecimalString
  nonSalesTotal?: DecimalString
  itemCount?: DecimalString
}

/** Ours: every figure is there, computed from the lines that are not voided. */
export type ComputedTotals = { [Name in keyof Totals]-?: DecimalString }
