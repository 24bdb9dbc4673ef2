import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { Clock, RandomSource } from '../contract/clock.ts'
import { isProblem, Problem, type ProblemCode, problemCodes } from '../contract/problem.ts'
import type { Part } from './part.ts'
import { postDocument, type SliceAnswer } from './post-document.ts'

/** Where the hub is, and how patient to be with it. */
export interface HubAddress {
  to: string
  token: string
  account?: string
  /** Tries for one part; undefined: until it is answered or the watch is stopped. */
  attemptsMax?: number
}

export interface SendContext {
  hub: HubAddress
  clock: Clock
  random: RandomSource
  /** Told once for each part that has to wait. */
  onWaiting(reason: Problem): void
  signal: AbortSignal
}

/** What came back for a part. `refusal`: the hub could not read the document to its end. */
export interface PartAnswer {
  answers: SliceAnswer[]
  refusal: SliceAnswer | undefined
}

export interface Outgoing {
  file: string
  part: Part
  source: string
  mediaType: string
  /** Lines of canonical JSON are answered line by line, whatever the first one is like. */
  isBatch: boolean
}

const firstDelayMs = 500
const delayMaxMs = 30_000
/** A slice that the hub fails at so often is a defect that it meets again and again: it is listed, and the file goes on. */
const failedAttemptsMax = 8

/**
 * Sends a part until the hub has answered for all of it. A hub that is away, is full or fails is asked again, ever more rarely, and
 * nothing goes on meanwhile; the repeat does no harm. Throws a Problem where asking again is of no use: no token, no such source.
 */
export async function sendPart(outgoing: Outgoing, context: SendContext): Promise<PartAnswer> {
  const { hub, clock, random, signal } = context
  for (let attempt = 1; ; attempt += 1) {
    const answer = await tryOnce(outgoing, context)
    if (!('retry' in answer)) return answer
    if (attempt >= failedAttemptsMax && answer.failed) return answer.failed
    if (signal.aborted || attempt === hub.attemptsMax) throw answer.retry
    if (attempt === 1) context.onWaiting(answer.retry)
    const backoffMs = Math.min(delayMaxMs, firstDelayMs * 2 ** Math.min(attempt - 1, 10)) * (0.5 + random.next() / 2)
    await clock.sleep(Math.max(backoffMs, answer.waitMs), signal)
    if (signal.aborted) throw answer.retry
  }
}

async function tryOnce(outgoing: Outgoing, { hub, signal }: SendContext): Promise<PartAnswer | Retry> {
  const { source, mediaType, isBatch } = outgoing
  const url = new URL(isBatch ? '/v1/transactions/batch' : `/v1/sources/${encodeURIComponent(source)}`, hub.to)
  if (hub.account !== undefined && !isBatch) url.searchParams.set('account', hub.account)
  const body = Readable.from(bodyOf(outgoing))
  try {
    const { statusCode, retryAfter, answers } = await postDocument({ url, token: hub.token, mediaType, body, signal })
    const all: SliceAnswer[] = []
    for await (const answer of answers) all.push(answer)
    const waitMs = Math.min(delayMaxMs, 1_000 * (Number(retryAfter ?? 0) || 0))
    return judge(statusCode, all, waitMs)
  } catch (error) {
    if (isProblem(error) && error.code !== 'hub-not-running') throw error
    return {
      retry: new Problem('hub-not-running', `The hub at ${url.origin} does not answer.`, { cause: error }),
      waitMs: 0,
    }
  } finally {
    body.destroy()
  }
}

interface Retry {
  retry: Problem
  waitMs: number
  /** The answers, where the hub failed at some slices and took the others. */
  failed?: PartAnswer
}

function judge(statusCode: number, all: readonly SliceAnswer[], waitMs: number): PartAnswer | Retry {
  const passing = all.find((one) => isPassing(one.status ?? statusCode))
  if (isPassing(statusCode) || passing) {
    const retry = problemOf(passing ?? all[0], 'storage-unavailable')
    const isDefect =
      statusCode === 200 && all.every((one) => !isPassing(one.status ?? 0) || one.code === 'internal-error')
    return { retry, waitMs, ...(isDefect && { failed: { answers: [...all], refusal: undefined } }) }
  }
  if (statusCode === 401 || statusCode === 403 || statusCode === 404) throw problemOf(all[0], 'unauthorized')
  if (statusCode !== 200) return { answers: [], refusal: all[0] ?? { code: 'request-malformed' } }
  return {
    answers: all.filter((one) => one.slice !== 0),
    refusal: all.find((one) => one.slice === 0),
  }
}

/** It will pass: overload, a database that is away, a request that came too slowly, a defect that a restart mends. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 429 || status === 408
}

function problemOf(answer: SliceAnswer | undefined, otherwise: ProblemCode): Problem {
  const code = answer?.code
  return new Problem(code !== undefined && code in problemCodes ? (code as ProblemCode) : otherwise)
}

async function* bodyOf({ file, part }: Outgoing): AsyncGenerator<Buffer> {
  if (part.head !== '') yield Buffer.from(part.head, 'latin1')
  if (part.to > part.from)
    yield* createReadStream(file, { start: part.from, end: part.to - 1 }) as AsyncIterable<Buffer>
  if (part.tail !== '') yield Buffer.from(part.tail, 'latin1')
}
