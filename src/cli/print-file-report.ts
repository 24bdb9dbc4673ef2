import { add, decimal, formatDecimal, zero } from '../domain/decimal.ts'
import type { FileReport } from './file-report.ts'
import { printLine, printTable } from './print.ts'

/** A file for a person: how many of which kind, what they come to, and what does not add up. */
export function printFileReport(report: FileReport): void {
  const { transactions } = report
  const read = transactions.filter((one) => 'transaction' in one)
  printLine(`${report.file} (${report.source ?? 'unknown source'}): ${read.length} transactions`)
  const kinds = new Map<string, { count: number; total: typeof zero }>()
  for (const { transaction } of read) {
    const name = `${transaction.transactionType} ${transaction.currency}`
    const kind = kinds.get(name) ?? { count: 0, total: zero }
    const grand = transaction.totals?.grandTotal
    kinds.set(name, {
      count: kind.count + 1,
      total: grand === undefined ? kind.total : add(kind.total, decimal(grand)),
    })
  }
  if (kinds.size > 0) {
    printTable(
      ['  TYPE', 'COUNT', 'GRAND TOTAL'],
      [...kinds].map(([name, { count, total }]) => [`  ${name}`, count, formatDecimal(total, 2)]),
    )
  }
  for (const one of transactions) {
    const name = 'transaction' in one ? nameOf(one.transaction) : 'unreadable'
    if ('problem' in one) printLine(`  ${name}: ${one.problem.code}: ${one.problem.message}`)
    for (const finding of one.findings) printLine(`  ${name}: ${finding.severity} ${finding.check}: ${finding.message}`)
  }
  if (report.refused) printLine(`  refused: ${report.refused.code}: ${report.refused.message}`)
}

function nameOf(transaction: { businessUnitId: string; workstationId?: string; sequenceNumber?: number }): string {
  return `${transaction.businessUnitId}/${transaction.workstationId ?? '-'}/${transaction.sequenceNumber ?? '-'}`
}
