import type { Outcome } from '../../contract/connector.ts'
import { outcomeOfFailure, outcomeOfStatus } from '../../egress/outcome-of-answer.ts'
import type { JsonAnswer } from '../call-json.ts'
import { CallFailed } from './call-failed.ts'

/** Whether a call may change something in Tryton; where it only reads, a lost answer is nothing but a call to repeat. */
export type CallKind = 'reads' | 'changes'

const reasonLengthMax = 300

/** The result of a call. Tryton answers HTTP 200 to errors too: the body says which. Throws `CallFailed`. */
export function readResult(answer: JsonAnswer, kind: CallKind, nowMs: number): unknown {
  const failed = outcomeOfStatus(answer, { nowMs, idempotent: kind === 'reads' })
  if (failed) throw new CallFailed(softened(failed, kind))
  const { json } = answer
  if (json && Array.isArray(json.error)) throw new CallFailed(outcomeOfError(json.error), true)
  if (json && 'result' in json && !('error' in json)) return json.result
  throw new CallFailed(inDoubt(`HTTP ${answer.status} without a result`, kind))
}

/** What a call without an answer means. */
export function failureOf(error: unknown, kind: CallKind): CallFailed {
  if (error instanceof CallFailed) return error
  return new CallFailed(softened(outcomeOfFailure(error), kind))
}

/**
 * Tryton's error is a list that begins with its class. A user error is Tryton's no to this receipt, and it says why in the words
 * of its books. Whatever else it throws (two that write the same record, a database that is away) has been rolled back.
 */
function outcomeOfError(error: readonly unknown[]): Outcome {
  const [name, details] = error
  if (name === 'UserError' || name === 'UserWarning') {
    const [first, second] = Array.isArray(details) ? details : []
    const message = name === 'UserError' ? first : second
    return { kind: 'rejected', reason: `${name}: ${shorten(message)}` }
  }
  if (name === 'LoginException') return { kind: 'retry', reason: 'Tryton asks for another proof of who we are' }
  const known = name === 'ConcurrencyException' ? 'somebody else changed the same record' : 'an error inside Tryton'
  return { kind: 'retry', reason: `${known}, nothing was changed` }
}

function shorten(message: unknown): string {
  return typeof message === 'string' ? message.replaceAll(/\s+/g, ' ').slice(0, reasonLengthMax) : 'no reason given'
}

/** A call that only reads has left nothing behind, and what it was refused is no verdict on the receipt. */
function softened(outcome: Outcome, kind: CallKind): Outcome {
  const isVerdict = outcome.kind === 'unknown' || outcome.kind === 'rejected'
  return kind === 'reads' && isVerdict ? { kind: 'retry', reason: outcome.reason } : outcome
}

function inDoubt(reason: string, kind: CallKind): Outcome {
  return { kind: kind === 'reads' ? 'retry' : 'unknown', reason }
}
