import type {
  ConnectorContext,
  DeliveryEvent,
  Outcome,
  StoreDayRecord,
  TargetDocument,
} from '../../contract/connector.ts'
import { callJson, type JsonTarget } from '../call-json.ts'
import { postJson } from '../post-json.ts'
import type { OtherMethods } from './payment-method.ts'
import { isTheirBooking, type TheirBooking } from './their-document.ts'
import { toTargetDocument, toTheirDocument } from './translate.ts'

export interface ErpTarget extends JsonTarget {
  /** The ERP collapses repeated idempotency keys. */
  idempotent: boolean
  /** Their words for means of payment, where the settings have others. */
  methods: OtherMethods
}

/** Books one event; only a booking of this very reference is a success. */
export async function postDocument(
  target: ErpTarget,
  event: DeliveryEvent,
  context: ConnectorContext,
): Promise<Outcome> {
  const document = toTheirDocument(event, target.methods)
  if (!document) return { kind: 'skipped', reason: 'nothing to book' }
  return postJson(target, context, {
    method: 'POST',
    path: '/api/documents',
    headers: { 'idempotency-key': context.idempotencyKey },
    body: document,
    idempotent: target.idempotent,
    readProof: ({ document: booking }) =>
      isTheirBooking(booking) && booking.reference === document.reference ? [toTargetDocument(booking)] : undefined,
    errorCode,
    waits: { code: 'unknown-original', for: document.original },
  })
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
  const { status, json } = await callJson(target, path, context, { method: 'GET' })
  const documents = json?.documents
  if (status !== 200 || !Array.isArray(documents) || !documents.every(isTheirBooking)) {
    throw new Error(`the look-up was not answered (HTTP ${status})`)
  }
  return { documents, ...(typeof json?.next === 'number' && { next: json.next }) }
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

function errorCode({ error }: Record<string, unknown>): string | undefined {
  if (error === null || typeof error !== 'object') return undefined
  const { code } = error as { code?: unknown }
  return shownCodes.has(code) ? String(code) : undefined
}
