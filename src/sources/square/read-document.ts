import type { ReadContext, ReadResult } from '../../contract/source.ts'
import { decodeUtf8, parseJsonWithNumbersAsText } from '../../contract/strict-json.ts'
import { readCashDrawerEvent, readCashDrawerShift } from './cash-drawer.ts'
import { elementSpans } from './element-spans.ts'
import { type Fields, isFields } from './fields.ts'
import { changeKinds, readInventoryChange, readInventoryCount } from './inventory.ts'
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
  count: readInventoryCount,
  counts: readInventoryCount,
  inventory_counts: readInventoryCount,
  changes: readInventoryChange,
}

/** Where to go on, and what went wrong: nothing of it is about a till. */
const aboutTheAnswer = new Set(['cursor', 'errors'])

/**
 * Reads one document: an answer of the API, the body of a webhook, or one object as it was cut out of an answer. Throws a
 * `Problem` where it is hostile.
 */
export function* readWholeDocument(bytes: Uint8Array, context: ReadContext): Generator<ReadResult> {
  const value = parseJsonWithNumbersAsText(decodeUtf8(bytes))
  if (!isFields(value)) return yield unreadable(bytes, 'A document of Square is a JSON object.')
  if (isFields(value.data) && typeof value.merchant_id === 'string') {
    yield* readWebhookBody(value, bytes, (member, object, slice) => readers[member]?.(object, context, slice))
    return
  }
  const bare = readerOfBare(value)
  if (bare) return yield* bare(value, context, bytes)
  let results = 0
  for (const result of readAnswer(value, bytes, context)) {
    results += 1
    yield result
  }
  if (results > 0) return
  if (isEmptyAnswer(value)) yield noted('empty-answer', 0, bytes)
  else yield unreadable(bytes, 'It is none of the documents that Square sends of a till.')
}

/** One object after the other: whoever records them takes a breath between two. */
function* readAnswer(answer: Fields, bytes: Uint8Array, context: ReadContext): Generator<ReadResult> {
  const spans = elementSpans(bytes)
  for (const [name, member] of Object.entries(answer)) {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined
    const size = Array.isArray(member) ? member.length : 0
    if (read && Array.isArray(member)) {
      yield* readList(member, spans.get(name) ?? [], bytes, (object, slice) => read(object, context, slice))
    } else if (read && isFields(member)) {
      yield* read(member, context, bytes)
    } else if (read) {
      yield unreadable(bytes, `${name} does not hold what it should.`)
    } else if (namesSomething(answer)) {
      if (!aboutTheAnswer.has(name)) yield noted('other-part', 1, bytes)
      else if (name === 'errors' && size > 0) yield noted('answer-error', size, bytes)
    }
  }
}

/** Whether it is an answer that this source reads, beside whatever else is in it. */
function namesSomething(answer: Fields): boolean {
  return Object.keys(answer).some((name) => Object.hasOwn(readers, name))
}

function noted(what: string, count: number, bytes: Uint8Array): ReadResult {
  return { kind: 'noted', what, count, bytes }
}

function* readList(
  list: readonly unknown[],
  spans: readonly Uint8Array[],
  bytes: Uint8Array,
  read: (object: Fields, slice: Uint8Array) => ReadResult[],
): Generator<ReadResult> {
  let objects = 0
  for (const object of list) {
    if (isFields(object)) {
      yield* read(object, spans[objects] ?? bytes)
      objects += 1
    } else {
      yield unreadable(bytes, 'A list holds something that is no object.')
    }
  }
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
  // A count is known by what it counts, and a change by its kind: neither has an id of its own at this level.
  if (has('catalog_object_id') && has('calculated_at')) return readInventoryCount
  if (has('type') && changeKinds.some(has)) return readInventoryChange
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
