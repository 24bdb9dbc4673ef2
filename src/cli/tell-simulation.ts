import { printLine } from './print.ts'
import type { SimulateSummary } from './run-simulate.ts'

/** What a simulation came to, for a person. */
export function tellSimulation(summary: SimulateSummary): void {
  const { transactions, receipts, stores, days, seconds, complete, files, hub, directory, planted, leftOut } = summary
  const rate = Math.round(transactions / Math.max(0.001, seconds))
  printLine(
    `${transactions} transactions (${receipts} receipts) of ${stores} stores and ${days} days in ${seconds} s, ${rate}/s`,
  )
  if (files !== undefined) printLine(`  ${files} files in ${directory}/receipts`)
  if (hub) {
    const { recorded, duplicates, conflicts, quarantined, refused, retries, refusals } = hub
    printLine(
      `  recorded ${recorded}, duplicates ${duplicates}, conflicts ${conflicts}, quarantined ${quarantined}, refused ${refused}, sent again ${retries}`,
    )
    for (const refusal of refusals) printLine(`    ${refusal}`)
  }
  const faults = Object.entries(planted).sort(([left], [right]) => (left < right ? -1 : 1))
  if (faults.length > 0) printLine(`  planted: ${faults.map(([name, count]) => `${name} ${count}`).join(', ')}`)
  const missing = Object.entries(leftOut)
  if (missing.length > 0)
    printLine(
      `  left out, the format has no words for them: ${missing.map(([type, count]) => `${type} ${count}`).join(', ')}`,
    )
  printLine(`  truth: ${directory}/truth.json${complete ? '' : ' (stopped: only whole days)'}`)
}
