import { decimal, sum } from '../decimal.ts'
import type { Check, Observation } from './check.ts'
import { differsBy, minorUnits, show } from './tolerance.ts'

export const zReport: Check = {
  id: 'INV-11',
  title: 'The closing report agrees with itself',
  severity: 'warn',
  tolerance: '1 minor unit per tax rate',
  explanation:
    'The figures a till prints at its closing are stored as printed. They must at least agree with each other.',
  advice: 'Compare with the printed report; a till whose own figures differ needs its supplier.',
  run: (transaction) => {
    const report = transaction.zReport
    if (!report) return []
    const found: Observation[] = []
    const { firstSequence, lastSequence, transactionCount } = report
    if (firstSequence !== undefined && lastSequence !== undefined) {
      const span = lastSequence - firstSequence + 1
      if (span < 1) found.push({ message: `The report runs from ${firstSequence} to ${lastSequence}.` })
      else if (transactionCount !== undefined && transactionCount > span) {
        const message = `${transactionCount} transactions do not fit into the ${span} numbers from ${firstSequence} to ${lastSequence}.`
        found.push({ message, expected: String(span), given: String(transactionCount) })
      }
    }
    const rates = report.salesByTaxRate ?? []
    if (report.taxTotal !== undefined && rates.length > 0) {
      const byRate = sum(rates.map((one) => decimal(one.tax)))
      if (differsBy(byRate, decimal(report.taxTotal), minorUnits(transaction, rates.length))) {
        const [expected, given] = [show(transaction, byRate), report.taxTotal]
        found.push({
          message: `The tax rates come to ${expected}, the report's tax total says ${given}.`,
          expected,
          given,
        })
      }
    }
    const grand = report.nonResettableGrandTotal
    if (
      grand &&
      differsBy(decimal(grand.current), decimal(grand.previous), decimal('0')) &&
      decimal(grand.current).unscaled < 0n
    ) {
      found.push({ message: 'The grand total that cannot be reset is below zero.', given: grand.current })
    }
    return found
  },
}
