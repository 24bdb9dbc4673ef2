import { countingLines, isAmountLine, isTenderLine, tenderCounts } from '../compute-totals.ts'
import { absolute, compare, decimal, divide } from '../decimal.ts'
import type { Check } from './check.ts'

export const cashRounding: Check = {
  id: 'INV-06',
  title: 'Rounding belongs to cash and is less than half a coin',
  severity: 'warn',
  tolerance: 'half of the smallest coin of the store',
  explanation: 'Totals are rounded only because small coins are missing; a larger rounding hides a difference.',
  advice: 'Check the smallest coin of the store in the settings, then the rounding rule of the till.',
  run: (transaction, { profile }) => {
    const lines = countingLines(transaction)
    const roundings = lines.filter(isAmountLine).filter((line) => line.lineType === 'ROUNDING')
    const cash = lines.filter(isTenderLine).some((line) => line.tenderType === 'CASH' && tenderCounts(line))
    return roundings.flatMap((line) => {
      const amount = decimal(line.amount)
      if (amount.unscaled === 0n) return []
      const { lineNumber } = line
      if (!cash)
        return [
          {
            message: `The receipt is rounded by ${line.amount} and no cash is involved.`,
            given: line.amount,
            lineNumber,
          },
        ]
      if (profile.smallestCoin === undefined) return []
      const half = divide(decimal(profile.smallestCoin), decimal('2'), 5)
      if (compare(absolute(amount), half) <= 0) return []
      const message = `A rounding of ${line.amount} is more than half of the smallest coin (${profile.smallestCoin}).`
      return [{ message, given: line.amount, lineNumber }]
    })
  },
}
