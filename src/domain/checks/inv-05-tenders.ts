import { countingLines, isTenderLine } from '../compute-totals.ts'
import { currencyExponent } from '../currency.ts'
import { absolute, compare, type Decimal, decimal, roundTo, subtract } from '../decimal.ts'
import { postingKind } from '../postable.ts'
import type { TransactionType } from '../transaction/codes.ts'
import type { Check } from './check.ts'
import { differsBy, none, roundingTolerance, show } from './tolerance.ts'

/** Goods and money change hands at different times: less may be paid than is asked for, never more. */
const paidInParts = new Set<TransactionType>(['ORDER_PLACE', 'ORDER_DEPOSIT', 'ORDER_PICKUP', 'LAYAWAY'])

export const tenders: Check = {
  id: 'INV-05',
  title: 'Tenders add up to the grand total',
  severity: 'error',
  tolerance: 'none; 1 minor unit where the till states no total and has amounts finer than its currency',
  explanation:
    'What was paid, net of change, must be what was asked for. A difference is money that no account will show. Orders and layaways may be paid in parts.',
  advice: 'Look for a tender that is missing, doubled or declined, or for change that was counted twice.',
  run: (transaction, { totals }) => {
    if (postingKind(transaction) !== 'sale') return []
    const exact = totals()
    const hasTenders = countingLines(transaction).some(isTenderLine)
    const reported = transaction.totals?.grandTotal
    const exponent = currencyExponent(transaction.currency) ?? 2
    const asked = reported === undefined ? roundTo(exact.grandTotal, exponent) : decimal(reported)
    // A void names its original; many tills send it without the money it moves back.
    if (!hasTenders && transaction.transactionType === 'POST_VOID') return []
    if (paidInParts.has(transaction.transactionType) && isPartOf(exact.tenderTotal, asked)) return []
    const finest = [exact.netSales, exact.taxAdded, exact.grandTotal]
    const tolerance = reported === undefined ? roundingTolerance(transaction, ...finest) : none
    if (!differsBy(exact.tenderTotal, asked, tolerance)) return []
    const [expected, given] = [show(transaction, asked), show(transaction, exact.tenderTotal)]
    return [{ message: `The tenders come to ${given}, the grand total is ${expected}.`, expected, given }]
  },
}

/** Whether an amount lies between nothing and the whole. */
function isPartOf(part: Decimal, whole: Decimal): boolean {
  const rest = subtract(whole, part)
  return compare(absolute(part), absolute(whole)) <= 0 && compare(absolute(rest), absolute(whole)) <= 0
}
