import { countingLines, isSaleLine } from '../compute-totals.ts'
import { decimal } from '../decimal.ts'
import type { Check } from './check.ts'

export const signRule: Check = {
  id: 'SIGN',
  title: 'Goods out and money in are positive',
  severity: 'error',
  tolerance: 'none',
  explanation:
    'Senders disagree about the sign of a return. Here a return is below zero and a sale above, or totals cannot be trusted.',
  advice: 'Correct the sender, or the reader of this source, so that returns have quantity and amounts below zero.',
  run: (transaction) =>
    countingLines(transaction)
      .filter(isSaleLine)
      .flatMap((line) => {
        const { lineNumber, quantity, extendedAmount, netAmount } = line
        if (line.lineType === 'SALE') {
          if (decimal(quantity).unscaled >= 0n) return []
          return [{ message: 'A sale line has a quantity below zero.', given: quantity, lineNumber }]
        }
        const taxes = (line.taxes ?? []).map((tax) => tax.taxAmount)
        const wrong = [quantity, extendedAmount, netAmount, ...taxes].find(
          (text) => text !== undefined && decimal(text).unscaled > 0n,
        )
        if (wrong === undefined) return []
        return [{ message: 'A return line has a quantity or an amount above zero.', given: wrong, lineNumber }]
      }),
}
