import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { isProblem, Problem } from '../contract/problem.ts'
import type { PartialIdentity, ReadContext, Source } from '../contract/source.ts'
import { checkTransaction } from '../domain/checks/index.ts'
import type { Finding } from '../domain/finding.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { maskCardNumbersInStream } from '../privacy/card-numbers/mask-in-stream.ts'
import { detectSource, findSource } from '../sources/index.ts'

/** What one file holds: every transaction with what the checks say, in the order of the file. */
export interface FileReport {
  file: string
  source: string | undefined
  transactions: ReadTransaction[]
  /** The file could not be read to its end. */
  refused?: { code: string; message: string }
}

export type ReadTransaction =
  | { transaction: Transaction; findings: Finding[]; unknownValues: string[] }
  | { problem: { code: string; message: string }; partial: PartialIdentity; findings: Finding[] }

/** Enough of a file to tell what it is. */
const headBytes = 4_096

export async function readFileReport(file: string, context: ReadContext, sourceName?: string): Promise<FileReport> {
  const report: FileReport = { file, source: sourceName, transactions: [] }
  try {
    const source = await chooseSource(file, sourceName)
    report.source = source.name
    const input = maskCardNumbersInStream(createReadStream(file, { highWaterMark: 262_144 }))
    for await (const result of source.read(input, context)) report.transactions.push(readOne(result, context))
  } catch (error) {
    report.refused = refusal(error)
  }
  return report
}

function readOne(result: Parameters<typeof isTransaction>[0], context: ReadContext): ReadTransaction {
  if (isTransaction(result)) {
    const { transaction, unknownValues } = result
    const findings = [...result.findings, ...checkTransaction(transaction, context.store(transaction.businessUnitId))]
    return { transaction, findings, unknownValues }
  }
  if (result.kind === 'refused') {
    return { problem: { code: result.problem.code, message: result.problem.message }, partial: {}, findings: [] }
  }
  return { problem: { code: result.problem, message: result.detail }, partial: result.partial, findings: [] }
}

function isTransaction(
  result: import('../contract/source.ts').ReadResult,
): result is Extract<typeof result, { kind: 'transaction' }> {
  return result.kind === 'transaction'
}

/** The source that was named, else the one that recognises the file. */
export async function chooseSource(file: string, sourceName?: string): Promise<Source> {
  if (sourceName !== undefined) {
    const named = findSource(sourceName)
    if (!named) throw new Problem('unknown-source', `There is no source ${sourceName}.`)
    return named
  }
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const found = detectSource(buffer.subarray(0, bytesRead), file)
    if (!found) throw new Problem('unknown-source', 'No source recognises the file; name one with --source.')
    return found
  } finally {
    await handle.close()
  }
}

function refusal(error: unknown): { code: string; message: string } {
  if (isProblem(error)) return { code: error.code, message: error.message }
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
    return { code: 'not-found', message: `The file cannot be read (${code}).` }
  throw error
}
