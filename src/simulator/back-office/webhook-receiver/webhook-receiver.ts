import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createAdmin } from '../admin.ts'
import { type Answer, playFaultAfter, playFaultBefore, readBody, sendAnswer } from '../exchange.ts'
import { createDice, type Faults, isPoisoned } from '../faults.ts'
import { openGroupLog, readGroupLog } from '../group-log.ts'
import type { BackOffice } from '../run-process.ts'
import { readKeys, verifyWebhook } from './signature.ts'

export interface WebhookReceiverOptions {
  dataDirectory: string
  /** `whsec_` and `whpk_` keys; any of them may have signed. */
  keys: readonly string[]
  seed: number
  faults: Faults
  /** Keeps the whole body of every effect in the log, not only its hash. */
  keepBodies: boolean
}

/** A line of `effects.ndjson`: one event taken in, whatever the number of requests that brought it. */
export interface ReceivedEvent {
  sequence: number
  webhookId: string
  eventId: string
  type: string
  subject: string
  partitionKey: string
  receivedAt: string
  bodyHash: string
  body?: string
}

/**
 * A receiver of webhooks: verifies, takes every webhook-id in once, answers when that is durable. `requests.ndjson` has one
 * line per request, `effects.ndjson` one per distinct webhook-id, in the order of their arrival.
 */
export async function openWebhookReceiver(options: WebhookReceiverOptions): Promise<BackOffice> {
  await mkdir(options.dataDirectory, { recursive: true })
  const effectsPath = join(options.dataDirectory, 'effects.ndjson')
  const effects = await openGroupLog(effectsPath)
  const requests = await openGroupLog(join(options.dataDirectory, 'requests.ndjson'))
  const seen = new Map<string, string>()
  for await (const line of readGroupLog(effectsPath)) {
    const { webhookId, bodyHash } = line as ReceivedEvent
    seen.set(webhookId, bodyHash)
  }
  const keys = readKeys(options.keys)
  const roll = createDice(options.seed)
  const counts = { requests: 0, seenBefore: 0, refused: 0, otherContent: 0 }
  const admin = createAdmin({
    faults: options.faults,
    effects,
    effectsPath,
    counts: () => ({ ...counts, effects: seen.size }),
  })

  const refuse = (status: number, code: string): Answer => {
    counts.refused += 1
    return { status, body: { error: { code } } }
  }

  const take = async (webhookId: string, body: string): Promise<Answer> => {
    const event = readEvent(body)
    if (!event) return refuse(400, 'malformed')
    if (isPoisoned(admin.faults(), event.subject)) return refuse(422, 'refused')
    const bodyHash = createHash('sha256').update(body).digest('base64url')
    const known = seen.get(webhookId)
    if (known !== undefined) {
      counts.seenBefore += 1
      if (known !== bodyHash) counts.otherContent += 1
      await effects.settled()
      return { status: 200, body: { taken: 'before' } }
    }
    seen.set(webhookId, bodyHash)
    await effects.append({
      sequence: seen.size,
      webhookId,
      ...event,
      receivedAt: new Date().toISOString(),
      bodyHash,
      ...(options.keepBodies && { body }),
    })
    return { status: 200, body: { taken: 'now' } }
  }

  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    counts.requests += 1
    const body = await readBody(request)
    const verification = body === undefined ? 'malformed' : verifyWebhook(request.headers, body, keys, Date.now())
    const webhookId = request.headers['webhook-id']?.toString() ?? ''
    const logged = requests.append({ at: new Date().toISOString(), webhookId, verification })
    if (await playFaultBefore(response, admin.faults(), roll)) return
    const answer =
      verification !== 'verified' || body === undefined ? refuse(401, verification) : await take(webhookId, body)
    await logged
    if (answer.status === 200 && playFaultAfter(response, answer, admin.faults(), roll)) return
    sendAnswer(response, answer)
  }

  return {
    async handle(request, response) {
      const path = request.url?.split('?')[0] ?? '/'
      if (path === '/health') return sendAnswer(response, { status: 200, body: { ok: true } })
      if (path.startsWith('/admin/')) return admin.handle(request, response, path)
      if (request.method !== 'POST') return sendAnswer(response, { status: 405, body: {} })
      return receive(request, response)
    },
    close: async () => {
      await Promise.all([effects.close(), requests.close()])
    },
  }
}

type EventHead = Pick<ReceivedEvent, 'eventId' | 'type' | 'subject' | 'partitionKey'>

function readEvent(body: string): EventHead | undefined {
  try {
    const event = JSON.parse(body) as Record<string, unknown> | null
    const { id, type, subject, partitionkey } = event ?? {}
    const texts = [id, type, subject, partitionkey]
    if (event?.specversion !== '1.0' || !texts.every((text) => typeof text === 'string' && text !== ''))
      return undefined
    return { eventId: String(id), type: String(type), subject: String(subject), partitionKey: String(partitionkey) }
  } catch {
    return undefined
  }
}
