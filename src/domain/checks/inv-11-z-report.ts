import { add, compare, decimal, sum } from '../decimal.ts'
import type { ZReport } from '../transaction/session.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { Check, Observation } from './check.ts'
import { differsBy, minorUnits, show } from './tolerance.ts'

export const zReport: Check = {
  id: 'INV-11',
  title: 'The closing report agrees with itself',
  severity: 'warn',
  tolerance: '1 minor unit per tax rate',
  explanation:
    'The figures a till prints at its closing are stored as printed. They must at least agree with each other. Tenders differ from sales by gift cards, deposits, tips and roundings; that difference is shown for information.',
  advice: 'Compare with the printed report; a till whose own figures differ needs its supplier.',
  run: (transaction) => {
    const report = transaction.zReport
    if (!report) return []
    return [
      ...compareCounts(report),
      ...compareRates(transaction, report),
      ...compareTenders(transaction, report),
      ...compareGrandTotals(report),
    ]
  },
}

/** Control transactions have numbers too, so there are at most as many receipts as numbers. */
function compareCounts({ firstSequence, lastSequence, transactionCount }: ZReport): Observation[] {
  if (firstSequence === undefined || lastSequence === undefined) return []
  const span = lastSequence - firstSequence + 1
  if (span < 1) return [{ message: `The report runs from ${firstSequence} to ${lastSequence}.` }]
  if (transactionCount === undefined || transactionCount <= span) return []
  const message = `${transactionCount} transactions do not fit into the ${span} numbers from ${firstSequence} to ${lastSequence}.`
  return [{ message, expected: String(span), given: String(transactionCount) }]
}

function compareRates(transaction: Transaction, { salesByTaxRate = [], taxTotal }: ZReport): Observation[] {
  const found: Observation[] = []
  for (const { ratePercent, net, tax, gross } of salesByTaxRate) {
    if (net === undefined || gross === undefined) continue
    const computed = add(decimal(net), decimal(tax))
    if (!differsBy(computed, decimal(gross), minorUnits(transaction, 1))) continue
    const expected = show(transaction, computed)
    const message = `At ${ratePercent} % net and tax come to ${expected}, the report says ${gross}.`
    found.push({ message, expected, given: gross })
  }
  if (taxTotal === undefined || salesByTaxRate.length === 0) return found
  const taxes = sum(salesByTaxRate.map((one) => decimal(one.tax)))
  if (!differsBy(taxes, decimal(taxTotal), minorUnits(transaction, salesByTaxRate.length))) return found
  const expected = show(transaction, taxes)
  const message = `The tax rates come to ${expected}, the report's tax total says ${taxTotal}.`
  return [...found, { message, expected, given: taxTotal }]
}

function compareTenders(transaction: Transaction, { tenders = [], salesByTaxRate = [] }: ZReport): Observation[] {
  const grosses = salesByTaxRate.flatMap(({ net, tax, gross }) =>
    gross !== undefined ? [decimal(gross)] : net !== undefined ? [add(decimal(net), decimal(tax))] : [],
  )
  if (tenders.length === 0 || grosses.length === 0 || grosses.length < salesByTaxRate.length) return []
  const [sold, paid] = [sum(grosses), sum(tenders.map((one) => decimal(one.amount)))]
  if (!differsBy(sold, paid, minorUnits(transaction, grosses.length))) return []
  const [expected, given] = [show(transaction, sold), show(transaction, paid)]
  const message = `The tax rates come to ${expected}, the tenders to ${given}.`
  return [{ message, expected, given, severity: 'info' }]
}

function compareGrandTotals({ nonResettableGrandTotal: grand }: ZReport): Observation[] {
  if (!grand || compare(decimal(grand.current), decimal(grand.previous)) >= 0) return []
  const message = `The grand total that cannot be reset went from ${grand.previous} to ${grand.current}.`
  return [{ message, expected: grand.previous, given: grand.current }]
}
