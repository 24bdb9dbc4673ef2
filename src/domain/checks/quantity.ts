import { countingLines, isSaleLine } from '../compute-totals.ts'
import { decimal } from '../decimal.ts'
import type { Check } from './check.ts'

export const someQuantity: Check = {
  id: 'QTY',
  title: 'A line has a quantity',
  severity: 'error',
  tolerance: 'none',
  explanation:
    'A line of no pieces moves no stock, whatever its amount says; and an amount without a quantity has no price.',
  advice: 'Have the till send the quantity, or mark the line as voided if it was taken back.',
  run: (transaction) =>
    countingLines(transaction)
      .filter(isSaleLine)
      .filter((line) => decimal(line.quantity).unscaled === 0n)
      .map((line) => ({ message: 'The quantity is zero.', given: line.quantity, lineNumber: line.lineNumber })),
}
