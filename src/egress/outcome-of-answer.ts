import type { HttpAnswer, Outcome } from '../contract/connector.ts'
import { isProblem } from '../contract/problem.ts'
import { TransportFailure } from '../contract/transport-failure.ts'
import { readRetryAfterMs } from './retry-after.ts'

export interface AnswerReading {
  /** Milliseconds since 1970, for a `Retry-After` that is a date. */
  nowMs: number
  /** A resend has one effect, so that an answer in doubt is simply asked for again. */
  idempotent: boolean
}

/** The target says that it has not worked on the request. */
const notProcessed = new Set([408, 425, 429, 501, 503, 505])
/** Credentials, or an address, that an operator has to correct: the same event succeeds after that, so it is kept on its way. */
const configuration = new Set([401, 403, 407])

/**
 * What an answer that is no success means; undefined for 2xx, whose body the connector must still look at.
 *
 * 3xx is a retry: a redirect is never followed (it may lead into the private network), it means a wrong address, and nothing
 * may be lost while the operator corrects it. 401, 403 and 407 for the same reason. 410 is about the address and not about
 * the event (Standard Webhooks: "disable the endpoint"). Other 4xx are rejected. 5xx may have come
 * after the effect (a gateway that timed out), so without idempotency they are `unknown`, but for 501, 503 and 505.
 */
export function outcomeOfStatus(answer: HttpAnswer, { nowMs, idempotent }: AnswerReading): Outcome | undefined {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  const reason = `HTTP ${status}`
  if (status < 400) return { kind: 'retry', reason: `${reason}: redirects are not followed, correct the address` }
  if (configuration.has(status)) return { kind: 'retry', reason: `${reason}: the target refuses our credentials` }
  if (status === 410) return { kind: 'gone', reason: `${reason}: nothing is taken at this address any more` }
  if (notProcessed.has(status) || (status >= 500 && idempotent)) {
    const afterMs = readRetryAfterMs(answer.headers['retry-after'], nowMs)
    const throttled = status === 429 && { throttled: true as const }
    return { kind: 'retry', reason, ...(afterMs !== undefined && { afterMs }), ...throttled }
  }
  return status >= 500 ? { kind: 'unknown', reason } : { kind: 'rejected', reason }
}

/**
 * What a call without an answer means: nothing had left, so it may be tried again; or the answer was lost, and what
 * happened is unknown. An address that is not allowed is a matter of configuration and waits for it.
 */
export function outcomeOfFailure(error: unknown): Outcome {
  if (isProblem(error)) {
    return error.code === 'target-not-allowed'
      ? { kind: 'retry', reason: `target-not-allowed: ${error.message}` }
      : { kind: 'unknown', reason: `${error.code}: ${error.message}` }
  }
  if (error instanceof TransportFailure) {
    return { kind: error.phase === 'before-sending' ? 'retry' : 'unknown', reason: error.message }
  }
  return { kind: 'unknown', reason: 'the call failed' }
}
