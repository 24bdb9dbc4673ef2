import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { isProblem, Problem } from '../contract/problem.ts'
import type { PartialIdentity, ReadContext, ReadResult, Source } from '../contract/source.ts'
import { checkTransaction } from '../domain/checks/index.ts'
import type { Finding } from '../domain/finding.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { maskCardNumbersInStream } from '../privacy/card-numbers/mask-in-stream.ts'
import { detectSource, findSource } from '../sources/index.ts'
import { contextFor, type FileContext } from './file-context.ts'

/** One slice of a file, with what the checks say of it. */
export type FileEntry =
  | { transaction: Transaction; findings: Finding[]; unknownValues: string[] }
  | {
      problem: ProblemSummary
      partial: PartialIdentity
      findings: Finding[]
      /** Intake would not keep it, not even in quarantine. */
      refused?: true
    }
  | {
      /** What was understood and is no transaction, or none yet: `order-open`, `loyalty-event`. */
      noted: string
      count: number
    }

export interface ProblemSummary {
  code: string
  message: string
}

/** Told of a file as it is read, so that no file has to fit into memory. */
export interface FileListener {
  /** `null`: no source could be found. */
  begin(file: string, source: string | null): Promise<void> | void
  entry(entry: FileEntry): Promise<void> | void
  /** `refused`: the file could not be read to its end. */
  end(refused: ProblemSummary | undefined): Promise<void> | void
  /** Bytes that were read, for those who like to watch. */
  bytes?(count: number): void
}

/** Enough of a file to tell what it is. */
const headBytes = 4_096

/** Reads one file to its end, or to where it must be refused, and says whether all of it was taken. */
export async function readFile(
  file: string,
  context: FileContext,
  sourceName: string | undefined,
  listener: FileListener,
): Promise<{ complete: boolean }> {
  let complete = true
  let refused: ProblemSummary | undefined
  const source = await chooseSource(file, sourceName).catch((error: unknown) => {
    refused = refusal(error)
    return undefined
  })
  await listener.begin(file, source?.name ?? null)
  if (source) {
    try {
      const input = maskCardNumbersInStream(watched(createReadStream(file, { highWaterMark: 262_144 }), listener))
      for await (const result of source.read(input, contextFor(source, context))) {
        if (result.kind === 'refused') complete = false
        await listener.entry(entryOf(result, context))
      }
    } catch (error) {
      refused = refusal(error)
    }
  }
  await listener.end(refused)
  return { complete: complete && refused === undefined }
}

async function* watched(input: AsyncIterable<Buffer>, { bytes }: FileListener): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    bytes?.(chunk.length)
    yield chunk
  }
}

function entryOf(result: ReadResult, context: ReadContext): FileEntry {
  switch (result.kind) {
    case 'transaction': {
      const { transaction, unknownValues } = result
      const findings = [...result.findings, ...checkTransaction(transaction, context.store(transaction.businessUnitId))]
      return { transaction, findings, unknownValues }
    }
    case 'unreadable':
      return { problem: { code: result.problem, message: result.detail }, partial: result.partial, findings: [] }
    case 'noted':
      return { noted: result.what, count: result.count }
    case 'refused': {
      const { code, message } = result.problem
      return { problem: { code, message }, partial: {}, findings: [], refused: true }
    }
  }
}

/** The source that was named, else the one that recognises the file; `name` where it is not called as its sender called it. */
export async function chooseSource(file: string, sourceName?: string, name = file): Promise<Source> {
  if (sourceName !== undefined) {
    const named = findSource(sourceName)
    if (!named) throw new Problem('unknown-source', `There is no source ${sourceName}.`)
    return named
  }
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const found = detectSource(buffer.subarray(0, bytesRead), name)
    if (!found) throw new Problem('unknown-source', 'No source recognises the file; name one with --source.')
    return found
  } finally {
    await handle.close()
  }
}

function refusal(error: unknown): ProblemSummary {
  if (isProblem(error)) return { code: error.code, message: error.message }
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
    return { code: 'not-found', message: `The file cannot be read (${code}).` }
  throw error
}
