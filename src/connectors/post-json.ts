import type { ConnectorContext, Outcome, TargetDocument } from '../contract/connector.ts'
import { outcomeOfFailure, outcomeOfStatus } from '../egress/outcome-of-answer.ts'
import { callJson, type JsonAnswer, type JsonRequest, type JsonTarget } from './call-json.ts'

type Json = Record<string, unknown>

/** One document on its way to a target that answers with a proof. */
export interface JsonPosting extends JsonRequest {
  path: string
  /** A resend has one effect. */
  idempotent: boolean
  /** The target's own documents, where the answer proves that this very receipt is booked; undefined: it proves nothing. */
  readProof(json: Json): TargetDocument[] | undefined
  /** The target's word for what is wrong, from a closed list: other text may repeat what was sent. */
  errorCode?(json: Json): string | undefined
  /** The word that says that the original is not there yet, and our transaction key of it. */
  waits?: { code: string; for: string | undefined }
}

/**
 * Books one document. A success is only what proves it: a target that answers 200 with an error, a login page or half a document
 * has not said yes, and has not said no.
 */
export async function postJson(target: JsonTarget, context: ConnectorContext, posting: JsonPosting): Promise<Outcome> {
  try {
    const answer = await callJson(target, posting.path, context, posting)
    return readAnswer(answer, posting, context.now())
  } catch (error) {
    return outcomeOfFailure(error)
  }
}

function readAnswer(answer: JsonAnswer, posting: JsonPosting, nowMs: number): Outcome {
  const { idempotent, readProof, errorCode, waits } = posting
  const failed = outcomeOfStatus(answer, { nowMs, idempotent })
  const code = answer.json && errorCode?.(answer.json)
  const said = code === undefined ? '' : `: ${code}`
  if (failed?.kind === 'rejected') {
    if (waits && code === waits.code) return { kind: 'waits', for: waits.for ?? 'the original document' }
    return { kind: 'rejected', reason: `${failed.reason}${said}` }
  }
  if (failed) return failed
  const documents = answer.json && readProof(answer.json)
  if (documents) return { kind: 'delivered', documents }
  return { kind: 'unknown', reason: `HTTP ${answer.status} without a booking${said}` }
}
