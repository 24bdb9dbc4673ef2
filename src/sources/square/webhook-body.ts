import type { ReadResult } from '../../contract/source.ts'
import { elementSpans } from './element-spans.ts'
import { type Fields, isFields } from './fields.ts'

/** What an event type says, where its body holds the whole object. */
const wholeObjects: Readonly<Record<string, string>> = {
  'payment.created': 'payment',
  'payment.updated': 'payment',
  'refund.created': 'refund',
  'refund.updated': 'refund',
}

/** Its body holds a list of whole objects. */
const countsUpdated = 'inventory.count.updated'
/** `data.object.inventory_counts`. */
const listDepth = 3

/**
 * Events that tell of something and hold no whole of it. An order's events say its id and state only: whoever asks Square for
 * orders by the time of their last change finds it, so that a lost event loses nothing.
 */
const toldOnly: Readonly<Record<string, string>> = {
  'order.created': 'order-created',
  'order.updated': 'order-updated',
  'order.fulfillment.updated': 'order-updated',
  'loyalty.event.created': 'loyalty-event',
}

/** Whether a webhook of this type is read; others (customers, invoices, the catalog) are answered and counted only. */
export function isReadEvent(type: string): boolean {
  return type === countsUpdated || Object.hasOwn(wholeObjects, type) || Object.hasOwn(toldOnly, type)
}

export function readWebhookBody(
  body: Fields,
  bytes: Uint8Array,
  read: (member: string, object: Fields, bytes: Uint8Array) => ReadResult[] | undefined,
): ReadResult[] {
  const unreadable = (detail: string): ReadResult[] => [
    { kind: 'unreadable', problem: 'unreadable-content', detail, partial: {}, bytes },
  ]
  const type = typeof body.type === 'string' ? body.type : ''
  const object = isFields(body.data) ? body.data.object : undefined
  if (Object.hasOwn(toldOnly, type)) {
    return [{ kind: 'noted', what: toldOnly[type] ?? '', count: 1, bytes }]
  }
  if (type === countsUpdated) {
    const counts = isFields(object) ? object.inventory_counts : undefined
    if (!Array.isArray(counts) || !counts.every(isFields)) return unreadable(notWhole)
    const spans = elementSpans(bytes, listDepth).get('inventory_counts') ?? []
    return counts.flatMap((count, index) => read('inventory_counts', count, spans[index] ?? bytes) ?? [])
  }
  const member = wholeObjects[type]
  if (member === undefined) return [{ kind: 'noted', what: 'other-event', count: 1, bytes }]
  const whole = isFields(object) ? object[member] : undefined
  if (!isFields(whole)) return unreadable(notWhole)
  return read(member, whole, bytes) ?? unreadable('The webhook is of a type that nobody reads.')
}

const notWhole = 'The webhook does not hold what its type says.'
