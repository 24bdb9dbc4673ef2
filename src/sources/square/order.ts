import type { ReadContext, ReadResult } from '../../contract/source.ts'
import { computeTotals } from '../../domain/compute-totals.ts'
import { toMinorUnits } from '../../domain/money.ts'
import type { Line, TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { readCharges } from './charges.ts'
import { headingOf, linkTo, type Place, placeOf, readFact } from './fact.ts'
import { child, children, defined, type Fields, neededText, text, Unreadable } from './fields.ts'
import { readItemLine } from './item-line.ts'
import { byUid, type LineContext } from './line-adjustments.ts'
import { type Money, moneyIn, sumMinor } from './money.ts'
import { chargeLine } from './money-fact.ts'
import { neededCurrency, orderDetails, readReturnTotals, readTotals } from './order-head.ts'
import { readOrderTender } from './order-tender.ts'
import type { UnknownWords } from './words.ts'

/**
 * An order at its end, taken apart: the sale of its items, and one return for each sale that it takes goods back of. An order
 * that is still open says nothing yet; a completed one changes no more.
 */
export function readOrder(order: Fields, context: ReadContext, bytes: Uint8Array): ReadResult[] {
  const { state } = order
  if (state === 'OPEN' || state === 'DRAFT')
    return [{ kind: 'noted', what: `order-${state.toLowerCase()}`, count: 1, bytes }]
  return factsOf(order).map((make) =>
    readFact(bytes, order, context, (unknown) => make(placeOf(order, context), unknown)),
  )
}

type MakeFact = (place: Place, unknown: UnknownWords) => Transaction

function factsOf(order: Fields): MakeFact[] {
  if (order.state === 'CANCELED') return [(place, unknown) => makeSale(order, place, unknown)]
  if (order.state !== 'COMPLETED')
    return [
      () => {
        throw new Unreadable('unreadable-content', 'The order is in a state that nobody knows.')
      },
    ]
  const returns = Array.isArray(order.returns) ? order.returns : []
  const sells = [order.line_items, order.service_charges].some((list) => Array.isArray(list) && list.length > 0)
  const makeReturns = returns.map((_, index): MakeFact => {
    return (place, unknown) => makeReturn(order, index, place, unknown)
  })
  return sells || returns.length === 0
    ? [(place, unknown) => makeSale(order, place, unknown), ...makeReturns]
    : makeReturns
}

function makeSale(order: Fields, place: Place, unknown: UnknownWords): Transaction {
  const money = moneyIn(neededCurrency(order, ['total_money', 'net_amounts']))
  const isCancelled = order.state === 'CANCELED'
  const lines = readLines(order, children(order, 'line_items'), {
    money,
    sign: 1n,
    taxes: byUid(children(order, 'taxes')),
    discounts: byUid(children(order, 'discounts')),
    unknown,
  })
  const id = neededText(order, 'id')
  const sale: Transaction = {
    ...headingOf(place, {
      objectType: 'order',
      objectId: id,
      transactionType: isCancelled ? 'CANCELLED' : 'SALE',
      status: isCancelled ? 'CANCELLED' : 'COMPLETED',
      currency: money.currency,
      beginDateTime: place.time(order, 'created_at'),
      endDateTime: place.time(order, 'closed_at') ?? place.time(order, 'created_at'),
    }),
    ...orderDetails(order),
    lines,
    totals: readTotals(order, money, 1n),
  }
  if (!isCancelled) sale.lines.push(...settle(sale, children(order, 'tenders'), money, unknown))
  return sale
}

/** A return is known by its order and its own name within it; its original is a fact of the same account. */
function makeReturn(order: Fields, index: number, place: Place, unknown: UnknownWords): Transaction {
  const returned = children(order, 'returns')[index] ?? {}
  const amounts = child(returned, 'return_amounts') ?? child(order, 'return_amounts') ?? {}
  const money = moneyIn(neededCurrency({ ...amounts, order }, ['total_money']))
  const id = neededText(order, 'id')
  const sourceOrderId = text(returned, 'source_order_id')
  const original = sourceOrderId === undefined ? undefined : linkTo(place, 'order', sourceOrderId)
  const lines = readLines(returned, children(returned, 'return_line_items'), {
    money,
    sign: -1n,
    taxes: byUid(children(returned, 'return_taxes')),
    discounts: byUid(children(returned, 'return_discounts')),
    unknown,
  })
  const taken: Transaction = {
    ...headingOf(place, {
      objectType: 'return',
      objectId: `${id}/${text(returned, 'uid') ?? index}`,
      transactionType: 'RETURN',
      status: 'COMPLETED',
      currency: money.currency,
      beginDateTime: place.time(order, 'created_at'),
      endDateTime: place.time(order, 'closed_at') ?? place.time(order, 'created_at'),
    }),
    ...orderDetails(order),
    lines: original === undefined ? lines : linkLines(lines, children(returned, 'return_line_items'), original),
    ...(original !== undefined && { links: [{ linkType: 'RETURN_OF' as const, transactionKey: original }] }),
    totals: readReturnTotals(amounts, money),
  }
  if (sourceOrderId !== undefined) Object.assign(taken.extensions ?? {}, { 'square:source_order_id': sourceOrderId })
  taken.lines.push(...settle(taken, [], money, unknown))
  return taken
}

function readLines(of: Fields, items: readonly Fields[], context: LineContext): Line[] {
  const lines = items.map((item, index) => readItemLine(item, index + 1, context))
  return [...lines, ...readCharges(of, lines.length + 1, context)]
}

/** Which line of the original came back stands in the extensions: the number of that line is known to the original only. */
function linkLines(lines: Line[], items: readonly Fields[], transactionKey: string): Line[] {
  return lines.map((line, index) => {
    const uid = text(items[index], 'source_line_item_uid')
    const extensions = { ...line.extensions, ...defined({ 'square:source_line_item_uid': uid }) }
    if (line.lineType === 'RETURN') return { ...line, originalLink: { transactionKey }, extensions }
    return index < items.length ? { ...line, extensions } : line
  })
}

/**
 * What is asked for and not paid within the order itself stays open until its payments come, which are facts of their own: the
 * order names each payment, but changes and fees of a payment are told of the payment only, and a refund's means nowhere else.
 */
function settle(
  transaction: Transaction,
  tenders: readonly Fields[],
  money: Money,
  unknown: UnknownWords,
): TenderLine[] {
  const grandTotal = transaction.totals?.grandTotal ?? computeTotals(transaction).grandTotal
  const own = tenders.filter((tender) => text(tender, 'payment_id') === undefined)
  const from = transaction.lines.length + 1
  const paid = own.map((tender, index) => readOrderTender(tender, from + index, money, unknown))
  const open = minorOf(grandTotal, money) - sumMinor(paid.map((line) => minorOf(line.amount, money)))
  return open === 0n ? paid : [...paid, chargeLine(from + paid.length, open, money)]
}

function minorOf(amount: string, money: Money): bigint {
  const read = toMinorUnits(amount, money.currency)
  if ('fault' in read) throw new Unreadable('currency-scale', 'An amount is finer than its currency.')
  return read.minor
}
