import { decimal } from '../decimal.ts'
import { postingKind } from '../postable.ts'
import type { Check } from './check.ts'
import { differsBy, roundingTolerance, show } from './tolerance.ts'

export const grandTotal: Check = {
  id: 'INV-04',
  title: 'Lines add up to the grand total',
  severity: 'warn',
  tolerance: 'none; 1 minor unit where the receipt has amounts finer than its currency',
  explanation: 'Goods, discounts, added tax, fees, tips and rounding must explain what the customer was asked for.',
  advice:
    'A line or a discount is missing from the feed, or the till counts one that it voided. Compare with the paper receipt.',
  run: (transaction, { totals }) => {
    const reported = transaction.totals?.grandTotal
    if (reported === undefined || postingKind(transaction) !== 'sale' || transaction.lines.length === 0) return []
    const exact = totals()
    const computed = exact.grandTotal
    const tolerance = roundingTolerance(transaction, exact.netSales, exact.taxAdded, computed)
    if (!differsBy(computed, decimal(reported), tolerance)) return []
    const [expected, given] = [show(transaction, computed), show(transaction, decimal(reported))]
    return [{ message: `The lines come to ${expected}, the grand total says ${given}.`, expected, given }]
  },
}
