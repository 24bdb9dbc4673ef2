import { countingLines, isSaleLine } from '../compute-totals.ts'
import { decimal, sum } from '../decimal.ts'
import type { Check } from './check.ts'
import { differsBy, minorUnits, show } from './tolerance.ts'

export const lineNet: Check = {
  id: 'INV-02',
  title: 'Line net is its amount plus its modifiers',
  severity: 'warn',
  tolerance: '1 minor unit',
  explanation: 'Discounts that do not add up to the line cannot be booked to the promotion that gave them.',
  advice:
    'Look at the promotion of the line: a discount is missing, doubled, or was spread over lines with a remainder.',
  run: (transaction) =>
    countingLines(transaction)
      .filter(isSaleLine)
      .flatMap((line) => {
        if (line.netAmount === undefined || !line.priceModifiers) return []
        const expected = sum([decimal(line.extendedAmount), ...line.priceModifiers.map((one) => decimal(one.amount))])
        const given = decimal(line.netAmount)
        if (!differsBy(expected, given, minorUnits(transaction, 1))) return []
        const [expectedText, givenText] = [show(transaction, expected), show(transaction, given)]
        return [
          {
            message: `Amount and modifiers come to ${expectedText}, the net amount says ${givenText}.`,
            expected: expectedText,
            given: givenText,
            lineNumber: line.lineNumber,
          },
        ]
      }),
}
