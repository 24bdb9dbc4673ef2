import { Problem } from '../../contract/problem.ts'
import type { KeptResult, ReadContext } from '../../contract/source.ts'
import { decodeUtf8, parseJsonWithNumbersAsText } from '../../contract/strict-json.ts'
import { validateTransaction } from '../../contract/transaction-schema.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { findMoneyFault } from '../find-money-fault.ts'
import { channelOf } from './channel.ts'
import { idAt, isObject, type Json, objectsAt } from './json.ts'
import { currencyOf, readAdditions, readCancellation, readSale } from './order.ts'
import { readPayment } from './payment.ts'
import { beginReading, type Reading } from './reading.ts'
import { type AroundRefund, readRefund } from './refund.ts'
import { objectsIn, type Shape, shapeOf } from './shapes.ts'
import { readTenderTransaction } from './tender-transaction.ts'
import { Unreadable } from './unreadable.ts'

/** Makes the facts of one part of an object; each part stands or falls by itself. */
type Make = (reading: Reading) => readonly Transaction[]

/**
 * All facts of one slice: a bare object, a single object of the API, or an element of a list (then `listShape` says what it is).
 * Throws a `Problem` where the JSON is hostile or broken.
 */
export function readSlice(bytes: Uint8Array, context: ReadContext, listShape?: Shape): KeptResult[] {
  const { account } = context
  if (!account)
    throw new Problem('unknown-account', 'A document of Shopify belongs to an account: add it to sourceAccounts.')
  const text = decodeUtf8(bytes)
  const document = parseJsonWithNumbersAsText(text)
  if (text.includes('\\u0000') && containsNull(document))
    return [unreadable(new Unreadable('invalid-character', 'A text contains U+0000.'), bytes)]
  const objects = isObject(document) ? objectsOf(document, listShape) : undefined
  if (!objects) return [unreadable(notASale, bytes)]
  const results = objects
    .flatMap(({ shape, json }) => factsOf(shape, json))
    .flatMap((make) => readFacts(make, beginReading(account, context), bytes))
  return withoutRepetition(results)
}

function readFacts(make: Make, reading: Reading, bytes: Uint8Array): KeptResult[] {
  const { unknownValues } = reading
  try {
    const facts = make(reading)
    for (const fact of facts) checkFact(fact)
    return facts.map((transaction) => ({ kind: 'transaction', transaction, findings: [], unknownValues, bytes }))
  } catch (error) {
    if (error instanceof Unreadable) return [unreadable(error, bytes)]
    throw error
  }
}

function unreadable({ problem, message }: Unreadable, bytes: Uint8Array): KeptResult {
  return { kind: 'unreadable', problem, detail: message, partial: {}, bytes }
}

/** What stops several parts of an object for one reason (its location) is kept once: the bytes are the same. */
function withoutRepetition(results: readonly KeptResult[]): KeptResult[] {
  const told = new Set<string>()
  return results.filter((result) => {
    if (result.kind === 'transaction') return true
    const isNew = !told.has(`${result.problem} ${result.detail}`)
    told.add(`${result.problem} ${result.detail}`)
    return isNew
  })
}

const notASale = new Unreadable(
  'unreadable-content',
  'It is no order, refund or payment of Shopify: drafts, customers, products, stock and locations are not read here.',
)

function objectsOf(document: Json, listShape: Shape | undefined): { shape: Shape; json: Json }[] | undefined {
  if (listShape === undefined) return objectsIn(document)
  // An element of a list of orders is an order even where it says little; one of another kind is what it looks like.
  return [{ shape: shapeOf(document) ?? listShape, json: document }]
}

/** An order taken apart, what came first first: the sale, its payments, what was added, refunds with their payments, its end. */
function factsOf(shape: Shape, json: Json): Make[] {
  if (shape === 'refund') return refundFacts(json)
  if (shape === 'transaction') return [(reading) => [readPayment(reading, json)]]
  if (shape === 'tender_transaction') return [(reading) => [readTenderTransaction(reading, json)]]
  const order_id = json.id
  const refunds = objectsAt(json, 'refunds').map((refund) => ({ ...refund, order_id: refund.order_id ?? order_id }))
  // Refunds list their transactions too.
  const refunded = new Set(
    refunds.flatMap((one) => objectsAt(one, 'transactions').flatMap((payment) => idAt(payment, 'id') ?? [])),
  )
  const payments = objectsAt(json, 'transactions').filter((one) => !refunded.has(idAt(one, 'id') ?? ''))
  return [
    (reading) => [readSale(reading, json)],
    ...payments.map(
      (one): Make =>
        (reading) => [readPayment(reading, { ...one, order_id })],
    ),
    (reading) => readAdditions(reading, json),
    ...refunds.flatMap((refund) => refundFacts(refund, json)),
    (reading) => readCancellation(reading, json),
  ]
}

function refundFacts(refund: Json, order?: Json): Make[] {
  const { order_id } = refund
  const payments = objectsAt(refund, 'transactions')
  return [
    (reading) => [readRefund(reading, refund, order && aroundRefund(reading, order))],
    ...payments.map(
      (one): Make =>
        (reading) => [readPayment(reading, { ...one, order_id: one.order_id ?? order_id })],
    ),
  ]
}

function aroundRefund(reading: Reading, order: Json): AroundRefund {
  return {
    currency: currencyOf(reading, order),
    taxesIncluded: order.taxes_included === true,
    isTill: channelOf(order) === 'POS',
  }
}

function checkFact(transaction: Transaction): void {
  const validation = validateTransaction(transaction)
  if (!validation.valid) {
    const [violation] = validation.violations
    throw new Unreadable(violation?.code ?? 'schema-violation', violation?.message ?? 'It does not fit the model.')
  }
  const fault = findMoneyFault(transaction)
  if (fault) throw new Unreadable(fault.problem, fault.detail)
}

/** Keys count too. */
function containsNull(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, member]) => name.includes('\0') || containsNull(member))
}
