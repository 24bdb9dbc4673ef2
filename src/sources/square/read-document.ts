import type { ReadContext, ReadResult } from '../../contract/source.ts'
import { decodeUtf8, parseJsonWithNumbersAsText } from '../../contract/strict-json.ts'
import { readCashDrawerEvent, readCashDrawerShift } from './cash-drawer.ts'
import { elementSpans } from './element-spans.ts'
import { type Fields, isFields } from './fields.ts'
import { readOrder } from './order.ts'
import { readPayment } from './payment.ts'
import { readRefund } from './refund.ts'
import { readWebhookBody } from './webhook-body.ts'

type ReadObject = (object: Fields, context: ReadContext, bytes: Uint8Array) => ReadResult[]

/** What Square's answers hold, by the name of the member. */
const readers: Readonly<Record<string, ReadObject>> = {
  order: readOrder,
  orders: readOrder,
  payment: readPayment,
  payments: readPayment,
  refund: readRefund,
  refunds: readRefund,
  cash_drawer_shift: readCashDrawerShift,
  cash_drawer_shifts: readCashDrawerShift,
  cash_drawer_shift_events: readCashDrawerEvent,
}

/** Lists of what is no transaction of a till: counted, and read by those who keep stock. */
const countedOnly: Readonly<Record<string, string>> = {
  counts: 'inventory-count',
  changes: 'inventory-change',
  inventory_counts: 'inventory-count',
}

/** Where to go on, and what went wrong: nothing of it is about a till. */
const aboutTheAnswer = new Set(['cursor', 'errors'])

/**
 * Reads one document: an answer of the API, the body of a webhook, or one object as it was cut out of an answer. Throws a
 * `Problem` where it is hostile.
 */
export function readWholeDocument(bytes: Uint8Array, context: ReadContext): ReadResult[] {
  const value = parseJsonWithNumbersAsText(decodeUtf8(bytes))
  if (!isFields(value)) return [unreadable(bytes, 'A document of Square is a JSON object.')]
  if (isFields(value.data) && typeof value.merchant_id === 'string') {
    return readWebhookBody(value, bytes, (member, object) => readers[member]?.(object, context, bytes))
  }
  const bare = readerOfBare(value)
  if (bare) return bare(value, context, bytes)
  const results = readAnswer(value, bytes, context)
  if (results.length > 0) return results
  return isEmptyAnswer(value)
    ? [noted('empty-answer', 0, bytes)]
    : [unreadable(bytes, 'It is none of the documents that Square sends of a till.')]
}

function readAnswer(answer: Fields, bytes: Uint8Array, context: ReadContext): ReadResult[] {
  const spans = elementSpans(bytes)
  return Object.entries(answer).flatMap(([name, member]) => {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined
    const what = Object.hasOwn(countedOnly, name) ? countedOnly[name] : undefined
    if (what !== undefined && Array.isArray(member)) return member.length > 0 ? [noted(what, member.length, bytes)] : []
    if (read && Array.isArray(member))
      return readList(member, spans.get(name) ?? [], bytes, (object, slice) => read(object, context, slice))
    if (read && isFields(member)) return read(member, context, bytes)
    if (read || what !== undefined) return [unreadable(bytes, `${name} does not hold what it should.`)]
    return aboutTheAnswer.has(name) || !namesSomething(answer) ? [] : [noted('other-part', 1, bytes)]
  })
}

/** Whether it is an answer that this source reads, beside whatever else is in it. */
function namesSomething(answer: Fields): boolean {
  return Object.keys(answer).some((name) => Object.hasOwn(readers, name) || Object.hasOwn(countedOnly, name))
}

function noted(what: string, count: number, bytes: Uint8Array): ReadResult {
  return { kind: 'noted', what, count, bytes }
}

function readList(
  list: readonly unknown[],
  spans: readonly Uint8Array[],
  bytes: Uint8Array,
  read: (object: Fields, slice: Uint8Array) => ReadResult[],
): ReadResult[] {
  let objects = 0
  return list.flatMap((object) => {
    if (!isFields(object)) return [unreadable(bytes, 'A list holds something that is no object.')]
    const slice = spans[objects] ?? bytes
    objects += 1
    return read(object, slice)
  })
}

/** Square leaves a list out that has nothing in it: `{}` is an answer too. */
function isEmptyAnswer(answer: Fields): boolean {
  return Object.entries(answer).every(([name, member]) => {
    if (Array.isArray(member) && member.length === 0) return true
    return name === 'cursor' || (aboutTheAnswer.has(name) && member === null)
  })
}

/** One object alone is told by what only its kind has. It is how a slice of an answer is read again from its raw record. */
function readerOfBare(object: Fields): ReadObject | undefined {
  const has = (name: string) => Object.hasOwn(object, name)
  // An answer has no id; an order has a list of its refunds, as an answer has.
  if (!has('id')) return undefined
  if (has('opened_cash_money')) return readCashDrawerShift
  if (has('event_type') && has('event_money')) return readCashDrawerEvent
  if (has('source_type') || has('approved_money')) return readPayment
  if (has('payment_id') || has('destination_type')) return readRefund
  if (has('line_items') || has('returns') || has('net_amounts')) return readOrder
  return undefined
}

function unreadable(bytes: Uint8Array, detail: string): ReadResult {
  return { kind: 'unreadable', problem: 'unreadable-content', detail, partial: {}, bytes }
}
