import type { Pool } from 'pg'
import { systemClock } from '../contract/clock.ts'
import type { Logger } from '../contract/logger.ts'
import { problemCodes } from '../contract/problem.ts'
import { countSlices, hasTooManyBad, isBadSlice, qualitySlicesMin } from '../contract/slice-quality.ts'
import type { Vault } from '../privacy/encryption/vault.ts'
import {
  type Advance,
  advanceFile,
  claimFile,
  type FileRow,
  finishFile,
  holdFile,
  type QualityCounts,
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

const leaseSecondsDefault = 60
/** Slices that were counted before are passed over and counted by nobody: meanwhile the claim is renewed as the bytes go by. */
const renewChunks = 16
const pollMs = 500
const retrySeconds = 5
const advanceSlices = 200
/**
 * A slice that the hub itself fails at so often in a row is listed as refused, or the rest of its file would wait for ever. Where no
 * slice can be named, the file is held.
 */
const failuresMax = 8
const uploadTimeSecondsMax = 6 * 3_600

/** Records uploaded files one after the other until it is told to stop. A file of a hub that died is taken up by any other. */
export function startRecordingFiles(options: Recording & { logger: Logger }): { stop(): Promise<void> } {
  const stopped = new AbortController()
  const run = async () => {
    while (!stopped.signal.aborted) {
      try {
        await sweepBrokenUploads(options.db, uploadTimeSecondsMax)
        const file = await claimFile(options.db, options.leaseSeconds ?? leaseSecondsDefault)
        if (file) {
          await recordOrRelease(file, options, stopped.signal)
          continue
        }
      } catch (error) {
        options.logger.warn({ error: String(error) }, 'an attempt to record an uploaded file failed')
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
  /** Share of bad slices, from 0 to 1, above which a file is stopped. */
  badShareMax: number
  /** For how long nobody else takes a file on which nothing moves. */
  leaseSeconds?: number
}

/** What an attempt came to: at its end or held, failed in a way that may be the file's own, or put off by what passes. */
type Attempt = 'settled' | 'failed' | 'put-off'

/**
 * A file that could not be brought to its end is given back, at once when this hub stops, else after a while. One at which too many
 * attempts in a row failed is held with its bytes: a person decides.
 */
async function recordOrRelease(file: FileRow, recording: Recording, signal: AbortSignal): Promise<void> {
  const { db } = recording
  const { file_id: id, fence } = file
  let attempt: Attempt = 'failed'
  try {
    attempt = await recordFile(file, recording, signal)
  } finally {
    const { aborted } = signal
    const failed = attempt === 'failed' && !aborted
    if (attempt !== 'settled') {
      const failures = await releaseFile(db, id, fence, { afterSeconds: aborted ? 0 : retrySeconds, failed })
      if (failed && failures > failuresMax) await holdFile(db, id, fence, tooManyFailures)
    }
  }
}

async function recordFile(file: FileRow, recording: Recording, signal: AbortSignal): Promise<Attempt> {
  const { db, vault, record, badShareMax, leaseSeconds = leaseSecondsDefault } = recording
  const { file_id: id, fence } = file
  let answers: RecordedSlice[] = []
  let problem: FileProblem | undefined
  let isFirst = true
  const advance = async () => {
    const advanced = await advanceFile(db, id, fence, leaseSeconds, countAnswers(answers))
    answers = []
    return advanced
  }
  const isBad = (counts: QualityCounts, slicesMin: number) =>
    !file.bad_accepted && hasTooManyBad(counts, badShareMax, slicesMin)
  const renew = async () => {
    if (await advanceFile(db, id, fence, leaseSeconds, countAnswers([]))) return
    // The end of the bytes would look like the end of the file, and half a line like a bad one.
    throw new Error('Another hub has taken the file over.')
  }
  for await (const answer of record(file, openChunks(db, vault, id, renew))) {
    const isHopeless = isFirst && answer.code === 'internal-error' && file.failures >= failuresMax
    isFirst = false
    // What was answered before it is counted; the next try begins behind it.
    if (answer.status >= 500 && !isHopeless) {
      await advance()
      return answer.code === 'internal-error' ? 'failed' : 'put-off'
    }
    if (answer.slice === 0) problem = { code: String(answer.code), detail: String(answer.detail) }
    else answers.push(answer)
    if (answers.length < advanceSlices) continue
    const counts = await advance()
    if (!counts || signal.aborted) return 'put-off'
    if (isBad(counts, qualitySlicesMin)) return settled(await holdFile(db, id, fence, tooManyBad))
  }
  const counts = await advance()
  if (!counts) return 'put-off'
  if (problem) return settled(await finishFile(db, id, fence, 'rejected', problem))
  // There is nothing left to stop: all of it is recorded or listed, and somebody should look.
  return settled(await finishFile(db, id, fence, 'done', isBad(counts, 1) ? tooManyBad : undefined))
}

/** A file that is no longer ours is settled by another hub. */
function settled(isOurs: boolean): Attempt {
  return isOurs ? 'settled' : 'put-off'
}

interface FileProblem {
  code: string
  detail: string
}

const tooManyBad: FileProblem = { code: 'file-quality', detail: problemCodes['file-quality'][1] }

const tooManyFailures: FileProblem = { code: 'internal-error', detail: problemCodes['internal-error'][1] }

async function* openChunks(db: Pool, vault: Vault, id: string, renew: () => Promise<void>): AsyncGenerator<Buffer> {
  for (let chunk = 0; ; chunk += 1) {
    if (chunk > 0 && chunk % renewChunks === 0) await renew()
    const row = await readChunk(db, id, chunk)
    if (!row) return
    yield await vault.open({ keyId: row.key_id, bytes: row.sealed }, chunkName(id, chunk))
  }
}

function countAnswers(answers: readonly RecordedSlice[]): Advance {
  return {
    slices: answers.length,
    ...countSlices(answers),
    errors: answers.filter(isBadSlice).map(({ slice, kind, code, detail }) => ({
      slice,
      kind: kind ?? 'refused',
      ...(typeof code === 'string' && { code }),
      ...(typeof detail === 'string' && { detail }),
    })),
  }
}
