import type { ReadResult } from '../../contract/source.ts'
import { type Fields, isFields } from './fields.ts'

/** What an event type says, where its body holds the whole object. */
const wholeObjects: Readonly<Record<string, string>> = {
  'payment.created': 'payment',
  'payment.updated': 'payment',
  'refund.created': 'refund',
  'refund.updated': 'refund',
}

/**
 * Events that tell of something and hold no whole of it. An order's events say its id and state only: whoever asks Square for
 * orders by the time of their last change finds it, so that a lost event loses nothing.
 */
const toldOnly: Readonly<Record<string, string>> = {
  'order.created': 'order-created',
  'order.updated': 'order-updated',
  'order.fulfillment.updated': 'order-updated',
  'inventory.count.updated': 'inventory-count',
  'loyalty.event.created': 'loyalty-event',
}

/** Whether a webhook of this type is read; others (customers, invoices, the catalog) are answered and counted only. */
export function isReadEvent(type: string): boolean {
  return Object.hasOwn(wholeObjects, type) || Object.hasOwn(toldOnly, type)
}

export function readWebhookBody(
  body: Fields,
  bytes: Uint8Array,
  read: (member: string, object: Fields) => ReadResult[] | undefined,
): ReadResult[] {
  const unreadable = (detail: string): ReadResult[] => [
    { kind: 'unreadable', problem: 'unreadable-content', detail, partial: {}, bytes },
  ]
  const type = typeof body.type === 'string' ? body.type : ''
  const object = isFields(body.data) ? body.data.object : undefined
  if (Object.hasOwn(toldOnly, type)) {
    return [{ kind: 'noted', what: toldOnly[type] ?? '', count: countIn(object), bytes }]
  }
  const member = wholeObjects[type]
  if (member === undefined) return [{ kind: 'noted', what: 'other-event', count: 1, bytes }]
  const whole = isFields(object) ? object[member] : undefined
  if (!isFields(whole)) return unreadable('The webhook does not hold what its type says.')
  return read(member, whole) ?? unreadable('The webhook is of a type that nobody reads.')
}

/** An inventory event tells of several counts at once. */
function countIn(object: unknown): number {
  const counts = isFields(object) ? object.inventory_counts : undefined
  return Array.isArray(counts) ? counts.length : 1
}
