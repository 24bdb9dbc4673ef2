import { zero } from '../../domain/decimal.ts'
import type { Totals } from '../../domain/transaction/totals.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { formatMoney, isZero, moneyAt } from './amounts.ts'
import { channelOf } from './channel.ts'
import { readCharges, readTaxSummary } from './charges.ts'
import { type FactParts, makeFact, orderLink } from './fact.ts'
import { type ItemTerms, readDuties, readItem, type Unnumbered } from './item-line.ts'
import { idAt, type Json, neededIdAt, objectAt, objectsAt, shortTextAt, textAt } from './json.ts'
import { splitItems } from './original-items.ts'
import { noteUnknown, type Reading } from './reading.ts'
import { chargeToOrder } from './settle.ts'

const financialStatuses = new Set(
  'pending authorized partially_paid paid partially_refunded refunded voided expired'.split(' '),
)

/** The sale as it was placed. Nothing that goes on changing is part of it: no status, no payment, no `current_*`. */
export function readSale(reading: Reading, order: Json): Transaction {
  const terms = termsOf(reading, order)
  const { original, added } = splitItems(order)
  const lines: Unnumbered[] = [
    ...readItems(reading, original, order, terms),
    ...readCharges(order, terms),
    ...readTaxSummary(order, terms),
  ]
  return makeFact(reading, {
    ...commonParts(order, terms.currency),
    objectType: 'order',
    objectId: neededIdAt(order, 'id'),
    transactionType: 'SALE',
    happenedAt: textAt(order, 'processed_at') ?? textAt(order, 'created_at'),
    lines: chargeToOrder(lines, terms.currency),
    // After an addition the header speaks of more than this sale.
    totals: added.length === 0 ? readTotals(order, terms.currency) : undefined,
    extensions: readExtensions(reading, order, terms.currency),
  })
}

/** What edits and exchanges added to an order: a sale for each item, since the next edit may add another one. */
export function readAdditions(reading: Reading, order: Json): Transaction[] {
  const terms = termsOf(reading, order)
  return splitItems(order).added.map((item) =>
    makeFact(reading, {
      ...commonParts(order, terms.currency),
      objectType: 'order_line',
      objectId: neededIdAt(item, 'id'),
      transactionType: 'SALE',
      // Shopify does not say when; the first version that has it is the best that there is, and no part of the content.
      seenAt: textAt(order, 'updated_at') ?? textAt(order, 'created_at'),
      lines: chargeToOrder(readItems(reading, [item], order, terms), terms.currency),
      links: orderLink(reading, 'ORDER_OF', idAt(order, 'id')),
    }),
  )
}

/** That an order was cancelled. The goods and the money go back in its refunds; this moves nothing. */
export function readCancellation(reading: Reading, order: Json): Transaction[] {
  const cancelledAt = textAt(order, 'cancelled_at')
  if (cancelledAt === undefined) return []
  const reason = shortTextAt(order, 'cancel_reason')
  const cancellation = makeFact(reading, {
    ...commonParts(order, currencyOf(reading, order)),
    objectType: 'order_cancellation',
    objectId: neededIdAt(order, 'id'),
    transactionType: 'CANCELLED',
    happenedAt: cancelledAt,
    lines: [],
    links: orderLink(reading, 'ORDER_OF', idAt(order, 'id')),
    ...(reason !== undefined && { extensions: { 'shopify:cancel_reason': reason } }),
  })
  return [cancellation]
}

/** The currency of the shop. A document that does not say it is in the currency of its store. */
export function currencyOf(reading: Reading, order: Json): string {
  const store = reading.account.storeOf(idAt(order, 'location_id'))
  return textAt(order, 'currency') ?? reading.store(store ?? '').currency
}

function termsOf(reading: Reading, order: Json): ItemTerms {
  return {
    currency: currencyOf(reading, order),
    taxesIncluded: order.taxes_included === true,
    applications: objectsAt(order, 'discount_applications'),
    isTill: channelOf(order) === 'POS',
  }
}

function readItems(reading: Reading, items: readonly Json[], order: Json, terms: ItemTerms): Unnumbered[] {
  const duties = order.duties_included === true ? [] : items.flatMap((item) => readDuties(item, terms))
  return [...items.map((item) => readItem(reading, item, terms)), ...duties]
}

/** What every fact of an order shares. */
function commonParts(order: Json, currency: string) {
  return {
    channel: channelOf(order),
    location: idAt(order, 'location_id'),
    device: idAt(order, 'device_id'),
    operator: idAt(order, 'user_id'),
    version: shortTextAt(order, 'updated_at'),
    currency,
    receiptNumber: shortTextAt(order, 'name'),
    // A reference only: names and addresses stay in the sealed original.
    customer: idAt(objectAt(order, 'customer'), 'id'),
    isTest: order.test === true,
  } satisfies Partial<FactParts>
}

function readTotals(order: Json, currency: string): Totals | undefined {
  const grandTotal = moneyAt(order, 'total_price')
  const taxTotal = moneyAt(order, 'total_tax')
  if (!grandTotal && !taxTotal) return undefined
  return {
    ...(taxTotal && { taxTotal: formatMoney(taxTotal, currency) }),
    ...(grandTotal && { grandTotal: formatMoney(grandTotal, currency) }),
  }
}

function readExtensions(reading: Reading, order: Json, currency: string): Record<string, unknown> {
  const extensions: Record<string, unknown> = {}
  const sourceName = shortTextAt(order, 'source_name')
  if (sourceName !== undefined) extensions['shopify:source_name'] = sourceName
  const status = textAt(order, 'financial_status')
  if (status !== undefined && !financialStatuses.has(status)) {
    noteUnknown(reading, 'financial_status', status)
    extensions['shopify:financial_status'] = status
  }
  const shown = objectAt(objectAt(order, 'total_price_set'), 'presentment_money')
  const shownCurrency = textAt(shown, 'currency_code')
  if (shown && shownCurrency !== undefined && shownCurrency !== currency) {
    extensions['shopify:presentment'] = { currency: shownCurrency, total: textAt(shown, 'amount') }
  }
  const rounding = moneyAt(order, 'total_cash_rounding_payment_adjustment') ?? zero
  if (!isZero(rounding)) extensions['shopify:cash_rounding'] = formatMoney(rounding, currency)
  return extensions
}
