import type { Pool } from 'undici'
import { systemClock } from '../../contract/clock.ts'
import { isPostable } from '../../domain/postable.ts'
import { bodyOf, type TillUpload } from '../faults/misbehave.ts'
import type { AcknowledgementRecord } from './acknowledgements.ts'

/** What the tills of a run sent and were told. */
export interface SendCounts {
  /** Receipts that tills made and uploaded; an upload again is not counted again. */
  sent: number
  /** Receipts the hub said it recorded (201, or 200 after an answer that was lost). */
  acknowledged: number
  duplicates: number
  conflicts: number
  quarantined: number
  /** Uploads that had to be sent again because no answer came. */
  retries: number
}

export function noCounts(): SendCounts {
  return { sent: 0, acknowledged: 0, duplicates: 0, conflicts: 0, quarantined: 0, retries: 0 }
}

export interface SendOptions {
  pool: Pool
  token: string
  record: AcknowledgementRecord
  counts: SendCounts
  signal: AbortSignal
  /** Wait between two receipts of a till; 0: as fast as answers come. */
  pauseMs: number
}

/** Uploads what a till has, one after the other, each until it is answered. */
export async function sendTill(uploads: Iterable<TillUpload>, options: SendOptions): Promise<void> {
  for (const upload of uploads) {
    if (options.signal.aborted) return
    if (upload.kind === 'receipt' || upload.kind === 'unreadable') options.counts.sent += 1
    await sendUntilAnswered(upload, options)
    if (options.pauseMs > 0) await systemClock.sleep(options.pauseMs, options.signal)
  }
}

interface HubAnswer {
  transactionId?: string
  transactionKey?: string
}

async function sendUntilAnswered(upload: TillUpload, options: SendOptions): Promise<void> {
  const { counts, signal, record } = options
  const text = bodyOf(upload)
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const answer = await sendOnce(text, options)
    if (answer) {
      const { status, body } = answer
      if (status === 202) counts.quarantined += 1
      else if (status === 409) counts.conflicts += 1
      else if (upload.kind === 'again') counts.duplicates += 1
      if ((status === 201 || status === 200) && upload.kind === 'receipt') {
        const { transactionId = '', transactionKey = '' } = body
        await record.append({
          status,
          transactionId,
          transactionKey,
          postable: isPostable(upload.transaction).postable,
        })
        counts.acknowledged += 1
      }
      return
    }
    counts.retries += 1
    await systemClock.sleep(Math.min(50 * 2 ** Math.min(attempt, 5), 1_000), signal)
  }
}

/** One request; undefined when it was not answered for good and must be sent again. */
async function sendOnce(
  text: string,
  { pool, token }: SendOptions,
): Promise<{ status: number; body: HubAnswer } | undefined> {
  try {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/v1/transactions',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: text,
      headersTimeout: 10_000,
      bodyTimeout: 10_000,
    })
    const answer = await body.text()
    if (statusCode >= 500 || statusCode === 429 || statusCode === 408) return undefined
    if (statusCode >= 400 && statusCode !== 409) throw new RefusedUploadError(statusCode, answer)
    return { status: statusCode, body: JSON.parse(answer) as HubAnswer }
  } catch (error) {
    if (error instanceof RefusedUploadError) throw error
    return undefined
  }
}

/** The hub refuses what a simulated till sends: a fault of the run's own making, not one to retry. */
export class RefusedUploadError extends Error {
  override readonly name = 'RefusedUploadError'

  constructor(status: number, body: string) {
    super(`the hub refused an upload with ${status}: ${body.slice(0, 500)}`)
  }
}
