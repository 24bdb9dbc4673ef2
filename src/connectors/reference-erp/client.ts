import type {
  ConnectorContext,
  DeliveryEvent,
  HttpAnswer,
  HttpRequest,
  Outcome,
  StoreDayRecord,
  TargetDocument,
} from '../../contract/connector.ts'
import { outcomeOfFailure, outcomeOfStatus } from '../../egress/outcome-of-answer.ts'
import { isTheirBooking, type TheirBooking } from './their-document.ts'
import { toTargetDocument, toTheirDocument } from './translate.ts'

export interface ErpTarget {
  /** Address of the ERP without a slash at its end. */
  url: string
  apiKey?: string
  /** The ERP collapses repeated idempotency keys. */
  idempotent: boolean
}

/**
 * Books one event. A success is only what has the shape of a booking of this very reference: an ERP that answers 200 with an
 * error, a login page or half a document has not said yes, and has not said no.
 */
export async function postDocument(
  target: ErpTarget,
  event: DeliveryEvent,
  context: ConnectorContext,
): Promise<Outcome> {
  const document = toTheirDocument(event)
  if (!document) return { kind: 'skipped', reason: 'nothing to book' }
  try {
    const answer = await call(target, '/api/documents', context, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': context.idempotencyKey },
      body: JSON.stringify(document),
    })
    return readBookingAnswer(answer, target, document, context.now())
  } catch (error) {
    return outcomeOfFailure(error)
  }
}

function readBookingAnswer(
  answer: HttpAnswer,
  target: ErpTarget,
  { reference, original }: { reference: string; original?: string },
  nowMs: number,
): Outcome {
  const failed = outcomeOfStatus(answer, { nowMs, idempotent: target.idempotent })
  const body = parse(answer)
  if (failed?.kind === 'rejected') {
    const code = errorCode(body)
    if (code === 'unknown-original') return { kind: 'waits', for: original ?? 'the original document' }
    return { kind: 'rejected', reason: code === undefined ? failed.reason : `${failed.reason}: ${code}` }
  }
  if (failed) return failed
  const booking = body?.document
  if (isTheirBooking(booking) && booking.reference === reference) {
    return { kind: 'delivered', documents: [toTargetDocument(booking)] }
  }
  const code = errorCode(body)
  return { kind: 'unknown', reason: `HTTP ${answer.status} without a booking${code === undefined ? '' : `: ${code}`}` }
}

/** Documents with the event's reference; undefined when there is certainly none. Throws when the ERP does not say. */
export async function findDocuments(
  target: ErpTarget,
  event: DeliveryEvent,
  context: ConnectorContext,
): Promise<TargetDocument[] | undefined> {
  const path = `/api/documents?reference=${encodeURIComponent(event.subject)}`
  const { documents } = await readPage(target, path, context)
  const own = documents.filter((booking) => booking.reference === event.subject)
  return own.length === 0 ? undefined : own.map(toTargetDocument)
}

/** What the ERP has of a store's business day, page by page. */
export async function* readDocumentsOfDay(
  target: ErpTarget,
  { businessUnitId, businessDayDate }: { businessUnitId: string; businessDayDate: string },
  context: ConnectorContext,
): AsyncIterable<StoreDayRecord> {
  const path = `/api/stores/${encodeURIComponent(businessUnitId)}/days/${encodeURIComponent(businessDayDate)}/documents`
  let after = 0
  for (;;) {
    const { documents, next } = await readPage(target, `${path}?after=${after}`, context)
    for (const booking of documents) {
      yield { reference: booking.reference, documents: [toTargetDocument(booking)] }
    }
    // A page that does not lead on would be read for ever.
    if (next === undefined || next <= after) return
    after = next
  }
}

async function readPage(
  target: ErpTarget,
  path: string,
  context: ConnectorContext,
): Promise<{ documents: TheirBooking[]; next?: number }> {
  const answer = await call(target, path, context, { method: 'GET' })
  const body = parse(answer)
  const documents = body?.documents
  if (answer.status !== 200 || !Array.isArray(documents) || !documents.every(isTheirBooking)) {
    throw new Error(`the look-up was not answered (HTTP ${answer.status})`)
  }
  return { documents, ...(typeof body?.next === 'number' && { next: body.next }) }
}

function call(target: ErpTarget, path: string, context: ConnectorContext, request: HttpRequest): Promise<HttpAnswer> {
  return context.fetch(`${target.url}${path}`, {
    ...request,
    headers: {
      ...request.headers,
      accept: 'application/json',
      ...(target.apiKey !== undefined && { authorization: `Bearer ${target.apiKey}` }),
    },
    signal: context.signal,
  })
}

function parse({ body, truncated }: HttpAnswer): Record<string, unknown> | undefined {
  if (truncated) return undefined
  try {
    const value: unknown = JSON.parse(body)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Codes of the ERP that are shown; other text of an answer is not, since it may repeat what was sent. */
const shownCodes: ReadonlySet<unknown> = new Set([
  'malformed',
  'unbalanced',
  'unknown-payment-method',
  'unknown-original',
  'idempotency-key-reused',
  'refused',
  'session-expired',
])

function errorCode(body: Record<string, unknown> | undefined): string | undefined {
  const error = body?.error
  if (error === null || typeof error !== 'object') return undefined
  const { code } = error as { code?: unknown }
  return shownCodes.has(code) ? String(code) : undefined
}
