import type { Pool } from 'pg'
import { systemClock } from '../contract/clock.ts'
import type { Logger } from '../contract/logger.ts'
import type { Vault } from '../privacy/encryption/vault.ts'
import {
  type Advance,
  advanceFile,
  claimFile,
  type FileRow,
  finishFile,
  readChunk,
  releaseFile,
  sweepBrokenUploads,
} from './queries.ts'
import { chunkName } from './receive-file.ts'

/** What became of a slice, by its place in the file; slice 0: the file cannot be read to its end. */
export interface RecordedSlice {
  slice: number
  status: number
  kind?: string
  code?: unknown
  detail?: unknown
}

/** Records the slices of a file from the one after `slicesDone` on. */
export type RecordSlices = (file: FileRow, input: AsyncIterable<Uint8Array>) => AsyncIterable<RecordedSlice>

const leaseSeconds = 60
const pollMs = 500
const retrySeconds = 5
const advanceSlices = 200
/** A slice that the hub itself fails at so often in a row is listed as refused, or the rest of its file would wait for ever. */
const failuresMax = 8
const uploadTimeSecondsMax = 6 * 3_600

/** Records uploaded files one after the other until it is told to stop. A file of a hub that died is taken up by any other. */
export function startRecordingFiles(options: { db: Pool; vault: Vault; logger: Logger; record: RecordSlices }): {
  stop(): Promise<void>
} {
  const stopped = new AbortController()
  const run = async () => {
    while (!stopped.signal.aborted) {
      try {
        await sweepBrokenUploads(options.db, uploadTimeSecondsMax)
        const file = await claimFile(options.db, leaseSeconds)
        if (file) {
          await recordOrRelease(file, options, stopped.signal)
          continue
        }
      } catch (error) {
        options.logger.warn({ error: String(error) }, 'an uploaded file could not be recorded; it will be tried again')
      }
      await systemClock.sleep(pollMs, stopped.signal)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}

interface Recording {
  db: Pool
  vault: Vault
  record: RecordSlices
}

/** A file that could not be brought to its end is given back, at once when this hub stops, else after a while. */
async function recordOrRelease(file: FileRow, recording: Recording, signal: AbortSignal): Promise<void> {
  let isFinished = false
  try {
    isFinished = await recordFile(file, recording, signal)
  } finally {
    const { aborted } = signal
    const released = { afterSeconds: aborted ? 0 : retrySeconds, failed: !aborted }
    if (!isFinished) await releaseFile(recording.db, file.file_id, file.fence, released)
  }
}

async function recordFile(file: FileRow, { db, vault, record }: Recording, signal: AbortSignal): Promise<boolean> {
  let answers: RecordedSlice[] = []
  let problem: { code: string; detail: string } | undefined
  let isFirst = true
  const advance = async () => {
    const advanced = await advanceFile(db, file.file_id, file.fence, leaseSeconds, countAnswers(answers))
    answers = []
    return advanced
  }
  for await (const answer of record(file, openChunks(db, vault, file.file_id))) {
    const isHopeless = isFirst && answer.code === 'internal-error' && file.failures >= failuresMax
    isFirst = false
    // It passes. What was answered before it is counted; the next try begins behind it.
    if (answer.status >= 500 && !isHopeless) {
      await advance()
      return false
    }
    if (answer.slice === 0) problem = { code: String(answer.code), detail: String(answer.detail) }
    else answers.push(answer)
    if (answers.length < advanceSlices) continue
    if (!(await advance()) || signal.aborted) return false
  }
  return (await advance()) && finishFile(db, file.file_id, file.fence, problem)
}

async function* openChunks(db: Pool, vault: Vault, id: string): AsyncGenerator<Buffer> {
  for (let chunk = 0; ; chunk += 1) {
    const row = await readChunk(db, id, chunk)
    if (!row) return
    yield await vault.open({ keyId: row.key_id, bytes: row.sealed }, chunkName(id, chunk))
  }
}

/** What nobody need look at. */
const goodKinds: ReadonlySet<string | undefined> = new Set(['recorded', 'duplicate', 'noted'])

function countAnswers(answers: readonly RecordedSlice[]): Advance {
  const of = (kind: string) => answers.filter((one) => one.kind === kind).length
  return {
    slices: answers.length,
    recorded: of('recorded'),
    duplicates: of('duplicate'),
    quarantined: of('quarantined'),
    conflicts: of('conflict'),
    refused: answers.filter((one) => one.kind === undefined).length,
    noted: of('noted'),
    errors: answers
      .filter((one) => !goodKinds.has(one.kind))
      .map(({ slice, kind, code, detail }) => ({
        slice,
        kind: kind ?? 'refused',
        ...(typeof code === 'string' && { code }),
        ...(typeof detail === 'string' && { detail }),
      })),
  }
}
