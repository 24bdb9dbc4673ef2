import { currencyExponent } from '../domain/currency.ts'
import { add, type Decimal, decimal, formatDecimal, zero } from '../domain/decimal.ts'
import type { Severity } from '../domain/finding.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import type { FileEntry, FileListener } from './file-report.ts'
import { formatTable } from './print.ts'

/** More remarks than this nobody reads; `--json` has all of them. */
const remarksMax = 100

const severities: readonly Severity[] = ['error', 'warn', 'info']

/** A file for a person: how many of which kind, what they come to, and what does not add up. */
export function textFileReport(print: (line: string) => void): FileListener {
  let tally = newTally('', null)
  return {
    begin: (file, source) => {
      tally = newTally(file, source)
    },
    entry: (entry) => countEntry(tally, entry),
    end: (refused) => {
      for (const line of describe(tally)) print(line)
      if (refused) print(`  refused: ${refused.code}: ${refused.message}`)
    },
  }
}

interface Tally {
  file: string
  source: string | null
  kinds: Map<string, { type: string; currency: string; count: number; total: Decimal }>
  transactions: number
  problems: number
  noted: Map<string, number>
  findings: Record<Severity, number>
  remarks: string[]
  remarksCount: number
}

function newTally(file: string, source: string | null): Tally {
  return {
    file,
    source,
    kinds: new Map(),
    transactions: 0,
    problems: 0,
    noted: new Map(),
    findings: { error: 0, warn: 0, info: 0 },
    remarks: [],
    remarksCount: 0,
  }
}

function countEntry(tally: Tally, entry: FileEntry): void {
  if ('problem' in entry) {
    tally.problems += 1
    const kind = entry.refused ? 'refused' : 'unreadable'
    remark(tally, `${nameOf(entry.partial)}: ${kind}: ${entry.problem.code}: ${entry.problem.message}`)
    return
  }
  if ('noted' in entry) {
    tally.noted.set(entry.noted, (tally.noted.get(entry.noted) ?? 0) + entry.count)
    return
  }
  const { transaction, findings } = entry
  tally.transactions += 1
  countKind(tally, transaction)
  for (const { severity, check, message } of findings) {
    tally.findings[severity] += 1
    remark(tally, `${nameOf(transaction)}: ${severity} ${check}: ${message}`)
  }
}

function countKind({ kinds }: Tally, { transactionType: type, currency, totals }: Transaction): void {
  const key = `${type} ${currency}`
  const kind = kinds.get(key) ?? { type, currency, count: 0, total: zero }
  kind.count += 1
  if (totals?.grandTotal !== undefined) kind.total = add(kind.total, decimal(totals.grandTotal))
  kinds.set(key, kind)
}

function remark(tally: Tally, text: string): void {
  tally.remarksCount += 1
  if (tally.remarks.length < remarksMax) tally.remarks.push(text)
}

function describe(tally: Tally): string[] {
  const { file, source, transactions, problems, noted, findings, remarks, remarksCount } = tally
  const rows = [...tally.kinds.values()].map(({ type, currency, count, total }) => [
    type,
    count,
    formatDecimal(total, currencyExponent(currency) ?? 2),
    currency,
  ])
  const counted = severities.filter((severity) => findings[severity] > 0).map((one) => `${findings[one]} ${one}`)
  return [
    `${file} (${source ?? 'unknown source'}): transactions ${transactions}, unreadable ${problems}`,
    ...(rows.length === 0
      ? []
      : formatTable(['TYPE', 'COUNT', 'GRAND TOTAL', ''], rows, ['GRAND TOTAL']).map((line) => `  ${line}`)),
    ...(noted.size === 0
      ? []
      : [`  noted, no transactions: ${[...noted].map(([what, n]) => `${n} ${what}`).join(', ')}`]),
    ...(transactions === 0 ? [] : [`  findings: ${counted.length === 0 ? 'none' : counted.join(', ')}`]),
    ...remarks.map((one) => `  ${one}`),
    ...(remarksCount > remarks.length
      ? [`  ... and ${remarksCount - remarks.length} more: all of them with --json`]
      : []),
  ]
}

function nameOf(one: { businessUnitId?: string; workstationId?: string; sequenceNumber?: number }): string {
  return `${one.businessUnitId ?? '-'}/${one.workstationId ?? '-'}/${one.sequenceNumber ?? '-'}`
}
