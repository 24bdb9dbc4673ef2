import { countingLines, isSaleLine } from '../compute-totals.ts'
import { currencyExponent } from '../currency.ts'
import { decimal, multiply, roundTo } from '../decimal.ts'
import type { Check } from './check.ts'
import { differsBy, minorUnits, show } from './tolerance.ts'

export const lineAmount: Check = {
  id: 'INV-01',
  title: 'Line amount is quantity times unit price',
  severity: 'warn',
  tolerance: '1 minor unit',
  explanation:
    'A line whose amount is not its quantity times its price was priced by a rule the receipt does not show.',
  advice:
    'Expected for weighed goods and multi-buy prices. Otherwise compare the price file of the till with head office.',
  run: (transaction) =>
    countingLines(transaction)
      .filter(isSaleLine)
      .flatMap((line) => {
        const price = line.actualUnitPrice ?? line.regularUnitPrice
        if (price === undefined) return []
        const exponent = currencyExponent(transaction.currency) ?? 2
        const expected = roundTo(multiply(decimal(line.quantity), decimal(price)), exponent)
        const given = decimal(line.extendedAmount)
        if (!differsBy(expected, given, minorUnits(transaction, 1))) return []
        const [expectedText, givenText] = [show(transaction, expected), show(transaction, given)]
        return [
          {
            message: `Quantity times unit price is ${expectedText}, the line says ${givenText}.`,
            expected: expectedText,
            given: givenText,
            lineNumber: line.lineNumber,
          },
        ]
      }),
}
