import { countingLines, isAmountLine, isTenderLine, tenderCounts } from '../compute-totals.ts'
import { absolute, compare, decimal, divide, subtract, sum } from '../decimal.ts'
import type { Line } from '../transaction/line.ts'
import type { Check, Observation } from './check.ts'
import { show } from './tolerance.ts'

export const cashRounding: Check = {
  id: 'INV-06',
  title: 'Rounding belongs to cash, has the right sign and is at most half a coin',
  severity: 'warn',
  tolerance: 'half of the smallest coin of the store',
  explanation: 'Totals are rounded only because small coins are missing; a larger rounding hides a difference.',
  advice: 'Check the smallest coin of the store in the settings, then the rounding rule of the till.',
  run: (transaction, { profile, totals }) => {
    const lines = countingLines(transaction)
    const roundings = lines.filter(isAmountLine).filter((line) => line.lineType === 'ROUNDING')
    const rounding = sum(roundings.map((line) => decimal(line.amount)))
    if (rounding.unscaled === 0n) return []
    const given = show(transaction, rounding)
    const at = { given, ...(roundings[0] && { lineNumber: roundings[0].lineNumber }) }
    const found: Observation[] = []
    if (!lines.some(isCash)) {
      found.push({ message: `The receipt is rounded by ${given} and no cash is involved.`, ...at })
    }
    const { smallestCoin } = profile
    if (smallestCoin !== undefined && compare(absolute(rounding), divide(decimal(smallestCoin), decimal('2'), 5)) > 0) {
      found.push({ message: `A rounding of ${given} is more than half of the smallest coin (${smallestCoin}).`, ...at })
    }
    const grandTotal = transaction.totals?.grandTotal
    const withoutRounding = subtract(totals().grandTotal, rounding)
    if (grandTotal !== undefined && compare(subtract(withoutRounding, rounding), decimal(grandTotal)) === 0) {
      found.push({ message: `The grand total is rounded the other way: ${given} has the wrong sign.`, ...at })
    }
    return found
  },
}

/** Cash was paid, paid out, or given as change for something else; or nobody can tell here, since the payment is a fact of its own. */
function isCash(line: Line): boolean {
  if (!isTenderLine(line) || !tenderCounts(line)) return false
  if (line.tenderType === 'ACCOUNTS_RECEIVABLE') return true
  return line.tenderType === 'CASH' || decimal(line.changeAmount ?? '0').unscaled !== 0n
}
