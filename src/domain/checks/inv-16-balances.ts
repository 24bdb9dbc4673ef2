import { countingLines } from '../compute-totals.ts'
import { decimal } from '../decimal.ts'
import type { Check } from './check.ts'

export const balances: Check = {
  id: 'INV-16',
  title: 'Gift card and loyalty balances are not below zero',
  severity: 'warn',
  tolerance: 'none',
  explanation:
    'A balance below zero means that something was spent twice, or that the till did not see the last movement.',
  advice: 'Compare the card or account with its provider before the customer comes back.',
  run: (transaction) =>
    countingLines(transaction).flatMap((line) => {
      const balance =
        line.lineType === 'TENDER'
          ? line.storedValue?.balanceAfter
          : 'balanceAfter' in line
            ? line.balanceAfter
            : undefined
      if (balance === undefined || decimal(balance).unscaled >= 0n) return []
      return [{ message: `The balance afterwards is ${balance}.`, given: balance, lineNumber: line.lineNumber }]
    }),
}
