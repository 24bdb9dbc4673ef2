import { isSaleLine } from '../compute-totals.ts'
import { decimal } from '../decimal.ts'
import type { Check, Observation } from './check.ts'

export const signRule: Check = {
  id: 'SIGN',
  title: 'Goods out and money in are positive',
  severity: 'error',
  tolerance: 'none',
  explanation:
    'Senders disagree about the sign of a return. Here a return is below zero and a sale above, or totals cannot be trusted.',
  advice: 'Correct the sender, or the reader of this source, so that returns have quantity and amounts below zero.',
  run: (transaction) =>
    transaction.lines.filter(isSaleLine).flatMap((line): Observation[] => {
      const { lineNumber } = line
      const quantity = decimal(line.quantity).unscaled
      const amount = decimal(line.extendedAmount).unscaled
      if (quantity === 0n) return [{ message: 'The quantity is zero.', given: line.quantity, lineNumber }]
      if (line.lineType === 'SALE' && quantity < 0n) {
        return [{ message: 'A sale line has a quantity below zero.', given: line.quantity, lineNumber }]
      }
      if (line.lineType === 'RETURN' && (quantity > 0n || amount > 0n)) {
        return [
          { message: 'A return line has a quantity or an amount above zero.', given: line.extendedAmount, lineNumber },
        ]
      }
      return []
    }),
}
