import { countingLines, isTenderLine } from '../compute-totals.ts'
import { decimal } from '../decimal.ts'
import { postingKind } from '../postable.ts'
import type { Check } from './check.ts'
import { differsBy, none, show } from './tolerance.ts'

export const tenders: Check = {
  id: 'INV-05',
  title: 'Tenders add up to the grand total',
  severity: 'error',
  tolerance: 'none',
  explanation:
    'What was paid, net of change, must be what was asked for. A difference is money that no account will show.',
  advice: 'Look for a tender that is missing, doubled or declined, or for change that was counted twice.',
  run: (transaction, { totals }) => {
    if (postingKind(transaction) !== 'sale') return []
    const exact = totals()
    const hasTenders = countingLines(transaction).some(isTenderLine)
    const reported = transaction.totals?.grandTotal
    const asked = reported === undefined ? exact.grandTotal : decimal(reported)
    if (!hasTenders && asked.unscaled === 0n) return []
    // A void names its original; many tills send it without the money it moves back.
    if (!hasTenders && transaction.transactionType === 'POST_VOID') return []
    if (!differsBy(exact.tenderTotal, asked, none)) return []
    const [expected, given] = [show(transaction, asked), show(transaction, exact.tenderTotal)]
    return [{ message: `The tenders come to ${given}, the grand total is ${expected}.`, expected, given }]
  },
}
