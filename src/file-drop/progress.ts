import { type FileHandle, open, truncate } from 'node:fs/promises'
import type { SliceCounts } from '../contract/slice-quality.ts'
import { appendDurably } from '../durable-files/write-durably.ts'

/** How far a file is: everything before `offset` has been answered by the hub. */
export interface Progress extends SliceCounts {
  offset: number
  /** Slices before the offset, blank lines left out; and lines with them, to name the next one. */
  slices: number
  lines: number
  /** Length of the list of errors that belongs to this offset. */
  errorsBytes: number
  errorsCount: number
}

const atStart: Progress = {
  offset: 0,
  slices: 0,
  lines: 0,
  recorded: 0,
  duplicates: 0,
  quarantined: 0,
  conflicts: 0,
  refused: 0,
  noted: 0,
  errorsBytes: 0,
  errorsCount: 0,
}

/** Bad slices that are listed; the others are counted. */
const errorsMax = 10_000

export interface ProgressLog {
  readonly last: Progress
  /** Makes an advance durable, with the errors found on the way: first they, then the offset that says they belong to it. */
  advance(next: Omit<Progress, 'errorsBytes' | 'errorsCount'>, errors: readonly object[]): Promise<void>
  close(): Promise<void>
}

/** A crash may have torn the last record and left errors of a part that will be sent again: both are dropped. */
export async function openProgress(progressFile: string, errorsFile: string): Promise<ProgressLog> {
  const log = await open(progressFile, 'a+', 0o640)
  const errors = await open(errorsFile, 'a', 0o640)
  let last = await lastRecord(log)
  await truncate(errorsFile, last.errorsBytes)
  return {
    get last() {
      return last
    },
    async advance(next, found) {
      const listed = found.slice(0, Math.max(0, errorsMax - last.errorsCount))
      const text = listed.map((one) => `${JSON.stringify(one)}\n`).join('')
      if (text !== '') await appendDurably(errors, text)
      const record: Progress = {
        ...next,
        errorsBytes: last.errorsBytes + Buffer.byteLength(text),
        errorsCount: last.errorsCount + listed.length,
      }
      await appendDurably(log, `${JSON.stringify(record)}\n`)
      last = record
    },
    async close() {
      await log.close()
      await errors.close()
    },
  }
}

async function lastRecord(log: FileHandle): Promise<Progress> {
  const text = await log.readFile('utf8')
  const end = text.lastIndexOf('\n') + 1
  if (end < text.length) await log.truncate(Buffer.byteLength(text.slice(0, end)))
  const line = text.slice(0, end).trimEnd().split('\n').at(-1)
  return line ? (JSON.parse(line) as Progress) : atStart
}
