import { countingLines } from '../compute-totals.ts'
import { add, type Decimal, decimal, divide, multiply } from '../decimal.ts'
import type { LineTax, TaxLine } from '../transaction/line.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { Check, CheckContext, Observation } from './check.ts'
import { differsBy, minorUnits, show } from './tolerance.ts'

const hundred = decimal('100')

export const taxAmount: Check = {
  id: 'INV-03',
  title: 'Tax is the rate on its base',
  severity: 'warn',
  tolerance: '1 minor unit per line (LINE rounding) or per rate (TOTAL rounding)',
  explanation:
    'The tax of the till is never recomputed, it is what the customer paid; but it must be explainable to an auditor.',
  advice: 'Compare the tax table of the till with the rate that was in force on the business day.',
  run: (transaction, context) =>
    countingLines(transaction).flatMap((line) => {
      if (line.lineType === 'TAX')
        return compareTax(transaction, context, line, line.lineNumber, taxableLines(transaction))
      if (line.lineType !== 'SALE' && line.lineType !== 'RETURN') return []
      return (line.taxes ?? []).flatMap((tax) => compareTax(transaction, context, tax, line.lineNumber, 1))
    }),
}

function compareTax(
  transaction: Transaction,
  { profile }: CheckContext,
  tax: LineTax | TaxLine,
  lineNumber: number,
  linesOfRate: number,
): Observation[] {
  if (tax.taxableAmount === undefined || tax.ratePercent === undefined || tax.taxAmount === undefined) return []
  const base = decimal(tax.taxableAmount)
  const rate = decimal(tax.ratePercent)
  const given = decimal(tax.taxAmount)
  const tolerance = minorUnits(transaction, profile.taxRounding === 'LINE' ? Math.max(1, linesOfRate) : 1)
  const exclusive = divide(multiply(base, rate), hundred, 5)
  const inclusive = divide(multiply(base, rate), add(hundred, rate), 5)
  // Senders differ in whether the taxable amount contains the tax; either reading explains the figure.
  const readings: Decimal[] = tax.includedInPrice ? [inclusive, exclusive] : [exclusive]
  if (readings.some((expected) => !differsBy(expected, given, tolerance))) return []
  const expected = show(transaction, readings[0] ?? exclusive)
  const givenText = show(transaction, given)
  const message = `${tax.ratePercent} % of ${tax.taxableAmount} is ${expected}, the receipt says ${givenText}.`
  return [{ message, expected, given: givenText, lineNumber }]
}

function taxableLines(transaction: Transaction): number {
  return countingLines(transaction).filter((line) => line.lineType === 'SALE' || line.lineType === 'RETURN').length
}
