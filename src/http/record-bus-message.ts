import { isUtf8 } from 'node:buffer'
import type { ReceivedMessage } from '../contract/bus.ts'
import { isProblem, Problem, type ProblemCode, problemCodes } from '../contract/problem.ts'
import type { ConnectedAccount } from '../contract/source.ts'
import { createTrace, formatTraceparent, parseTraceparent, traceIdOf } from '../contract/trace-context.ts'
import { maskCardNumbers } from '../privacy/card-numbers/mask-card-numbers.ts'
import { refuseSensitiveAuthenticationData } from '../privacy/card-numbers/sensitive-data.ts'
import { answerSlices } from './answer-slices.ts'
import { senderOf } from './auth/caller.ts'
import { openEnvelope } from './cloud-event.ts'
import type { HttpDeps } from './deps.ts'
import { sourceNamed } from './rest/sources.ts'

/** A topic or queue whose messages are a source's. */
export interface BusSource {
  topic: string
  group: string
  source: string
  /** Of the vendor, where the documents do not name our stores. */
  account?: string
  /** Whom it may speak for; undefined: every store. */
  stores?: readonly string[]
  /** Made by somebody else: nothing is declared. */
  foreign?: boolean
}

/**
 * Records what a message of a bus says; resolves when all of it is durable, so that the message may be acknowledged. What cannot
 * be read is kept in the quarantine of its source, since nobody is there to be told, and the next message goes on. Rejects only
 * where a repetition may succeed.
 */
export async function recordBusMessage(deps: HttpDeps, from: BusSource, message: ReceivedMessage): Promise<void> {
  const given = message.headers.traceparent ?? message.cloudEvent?.traceparent ?? ''
  const traceparent = parseTraceparent(given) ? given : formatTraceparent(createTrace())
  const refusal = await recordBody(deps, from, message, traceparent).catch((error: unknown) => {
    if (isProblem(error) && error.status < 500) return error
    throw error
  })
  if (!refusal) return
  deps.logger.warn({ topic: from.topic, offset: message.offset, code: refusal.code }, 'a message is in quarantine')
  const { bytes, fidelity } = keepable(from, message)
  const { code, message: detail } = refusal
  await deps.intake.record({
    source: from.source,
    result: { kind: 'unreadable', problem: code, detail, partial: {}, bytes },
    fidelity,
    senderId: senderIdOf(from),
    traceparent,
  })
}

/** Why something of the message could not be recorded; undefined where all of it was. */
async function recordBody(
  deps: HttpDeps,
  from: BusSource,
  message: ReceivedMessage,
  traceparent: string,
): Promise<Problem | undefined> {
  const body = openEnvelope(message)
  if (body.byteLength === 0) return new Problem('unreadable-content', 'The message has no content.')
  if (body.byteLength > deps.limits.sourceBodyMaxBytes) return new Problem('payload-too-large')
  const account = accountOf(deps, from)
  const sender = senderOf(senderIdOf(from), from.stores)
  const document = {
    input: [body],
    context: account ? { ...deps.readContext, account } : deps.readContext,
    sender,
    traceparent,
    traceId: traceIdOf(traceparent),
  }
  let refusal: Problem | undefined
  let slicesCount = 0
  for await (const answer of answerSlices(deps, sourceNamed(deps, from.source), document)) {
    slicesCount += 1
    if (answer.status >= 500) throw new Problem(codeOf(answer.code))
    // Other content under one identity is a conflict, which is kept.
    if (answer.status >= 400 && answer.kind === undefined)
      refusal ??= new Problem(codeOf(answer.code), String(answer.detail))
  }
  return slicesCount === 0 ? new Problem('unreadable-content', 'The message holds no transaction.') : refusal
}

function codeOf(code: unknown): ProblemCode {
  return typeof code === 'string' && Object.hasOwn(problemCodes, code) ? (code as ProblemCode) : 'internal-error'
}

function accountOf(deps: HttpDeps, from: BusSource): ConnectedAccount | undefined {
  return deps.accounts?.find(({ source, names }) => source === from.source && names.includes(from.account ?? ''))
}

function senderIdOf({ topic }: BusSource): string {
  return `bus:${topic}`
}

/**
 * The bytes as they may be kept: card numbers masked. In what is no UTF-8 each byte is a character, unless more card numbers are found
 * in what UTF-8 can be read of it: then what can be read of it is kept. What may never be kept is replaced by its place on the bus.
 */
function keepable(
  { topic }: BusSource,
  message: ReceivedMessage,
): { bytes: Uint8Array; fidelity: 'verbatim' | 'masked' } {
  const place = () => Buffer.from(JSON.stringify({ topic, partition: message.partition, offset: message.offset }))
  if (message.body.byteLength === 0) return { bytes: place(), fidelity: 'masked' }
  const body = Buffer.from(message.body)
  const text = body.toString('utf8')
  try {
    refuseSensitiveAuthenticationData(text)
  } catch (error) {
    if (isProblem(error)) return { bytes: place(), fidelity: 'masked' }
    throw error
  }
  const read = maskCardNumbers(text)
  const byByte = isUtf8(body) ? undefined : maskCardNumbers(body.toString('latin1'))
  const [masked, encoding] =
    byByte && byByte.maskedCount >= read.maskedCount ? ([byByte, 'latin1'] as const) : ([read, 'utf8'] as const)
  return masked.maskedCount > 0
    ? { bytes: Buffer.from(masked.text, encoding), fidelity: 'masked' }
    : { bytes: message.body, fidelity: 'verbatim' }
}
