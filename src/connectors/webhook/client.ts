import type { ConnectorContext, Outcome } from '../../contract/connector.ts'
import { outcomeOfFailure, outcomeOfStatus } from '../../egress/outcome-of-answer.ts'
import type { Signer } from './signature.ts'
import type { WebhookCloudEvent } from './translate.ts'

export interface WebhookTarget {
  url: string
  /** CloudEvents `source`. */
  source: string
  /** One signature each; two while a secret is being replaced. */
  signers: readonly Signer[]
  timeoutMs?: number
}

/**
 * Sends one event by Standard Webhooks 1.0. `webhook-id` is the idempotency key, the same in every attempt, by which receivers
 * tell a resend from a second event: an answer that was lost may be asked for again. The status alone decides; a body is
 * not read for meaning.
 */
export async function sendWebhook(
  target: WebhookTarget,
  event: WebhookCloudEvent<unknown>,
  context: ConnectorContext,
): Promise<Outcome> {
  const id = context.idempotencyKey
  const timestamp = String(Math.floor(context.now() / 1000))
  const body = JSON.stringify(event)
  const content = `${id}.${timestamp}.${body}`
  try {
    const answer = await context.fetch(target.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents+json',
        'user-agent': 'tillflow',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': target.signers.map((sign) => sign(content)).join(' '),
      },
      body,
      signal: signalOf(context.signal, target.timeoutMs),
    })
    const failed = outcomeOfStatus(answer, { nowMs: context.now(), idempotent: true })
    return failed ?? { kind: 'delivered', documents: [{ documentId: id, kind: 'webhook' }] }
  } catch (error) {
    return outcomeOfFailure(error)
  }
}

function signalOf(attempt: AbortSignal, timeoutMs: number | undefined): AbortSignal {
  return timeoutMs === undefined ? attempt : AbortSignal.any([attempt, AbortSignal.timeout(timeoutMs)])
}
