import { countingLines } from '../compute-totals.ts'
import { add, type Decimal, decimal, divide, formatDecimal, multiply, sum } from '../decimal.ts'
import type { Line, LineTax, TaxLine } from '../transaction/line.ts'
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
    'The tax of the till is never recomputed, it is what the customer paid; but it must be explainable to an auditor, and the tax summary of the receipt must be what its lines say.',
  advice: 'Compare the tax table of the till with the rate that was in force on the business day.',
  run: (transaction, context) => {
    const lines = countingLines(transaction)
    const taxesOfLines = lines.flatMap(taxesOf)
    const summary = lines.filter((line) => line.lineType === 'TAX')
    const linesAt = (tax: TaxLine) => {
      const ofRate = taxesOfLines.filter((one) => sameRate(one, tax)).length
      return ofRate > 0 ? ofRate : lines.filter((line) => 'quantity' in line).length
    }
    return [
      ...lines.flatMap((line) =>
        taxesOf(line).flatMap((tax) => compareTax(transaction, context, tax, line.lineNumber, 1)),
      ),
      ...summary.flatMap((tax) => compareTax(transaction, context, tax, tax.lineNumber, linesAt(tax))),
      ...compareSummary(transaction, taxesOfLines, summary),
    ]
  },
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

/** Lines and summary are the same money twice. A line may have been rounded for print, so each may be off by a minor unit. */
function compareSummary(transaction: Transaction, ofLines: readonly LineTax[], summary: readonly TaxLine[]) {
  if (ofLines.some((tax) => tax.taxAmount === undefined)) return []
  const rates = summary.filter((tax, index) => summary.findIndex((other) => sameRate(other, tax)) === index)
  return rates.flatMap((rate): Observation[] => {
    const taxes = ofLines.filter((tax) => sameRate(tax, rate))
    if (taxes.length === 0) return []
    const byLines = sum(taxes.map((tax) => decimal(tax.taxAmount ?? '0')))
    const bySummary = sum(summary.filter((tax) => sameRate(tax, rate)).map((tax) => decimal(tax.taxAmount)))
    if (!differsBy(byLines, bySummary, minorUnits(transaction, taxes.length))) return []
    const [expected, given] = [show(transaction, byLines), show(transaction, bySummary)]
    const at = rate.ratePercent === undefined ? 'without a rate' : `at ${rate.ratePercent} %`
    const message = `The taxes of the lines ${at} come to ${expected}, the summary says ${given}.`
    return [{ message, expected, given, lineNumber: rate.lineNumber }]
  })
}

/** Zero rates, exempt goods and several authorities of one rate fall together on both sides. */
function sameRate(left: LineTax | TaxLine, right: LineTax | TaxLine): boolean {
  return rateOf(left) === rateOf(right)
}

function rateOf({ ratePercent }: LineTax | TaxLine): string {
  return ratePercent === undefined ? '-' : formatDecimal(decimal(ratePercent))
}

function taxesOf(line: Line): readonly LineTax[] {
  return 'taxes' in line ? (line.taxes ?? []) : []
}
