import { computeExactTotals } from '../../domain/compute-totals.ts'
import { absolute, compare, subtract, sum, zero } from '../../domain/decimal.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { readAdjustments } from './adjustments.ts'
import { moneyAt, wholeMoney } from './amounts.ts'
import { channelOf } from './channel.ts'
import { makeFact, orderLink } from './fact.ts'
import type { Unnumbered } from './item-line.ts'
import { idAt, type Json, neededIdAt, objectAt, objectsAt, textAt } from './json.ts'
import type { Reading } from './reading.ts'
import { type RefundedItem, readRefundedItem, readReturnLine, taxedItem } from './refund-line.ts'
import { chargeToOrder, numberLines } from './settle.ts'
import { taxesAreIncluded } from './taxes.ts'

/** What the order around a refund says; a refund that came by itself has none. */
export interface AroundRefund {
  currency?: string | undefined
  taxesIncluded?: boolean | undefined
  isTill?: boolean | undefined
}

/**
 * A refund as a return of the sale. It is made once and stays as it is. Everything is taken from the refund itself wherever it says
 * it, so that it is the same fact by itself and inside its order.
 */
export function readRefund(reading: Reading, refund: Json, around: AroundRefund = {}): Transaction {
  const currency =
    currencyOf(refund) ?? around.currency ?? reading.store(reading.account.storeOf(undefined) ?? '').currency
  const payments = objectsAt(refund, 'transactions')
  const items = objectsAt(refund, 'refund_line_items').map((line) => readRefundedItem(line, currency))
  const adjustments = readAdjustments(reading, refund, currency)
  const taxesIncluded = around.taxesIncluded ?? inferTaxesIncluded(items, adjustments, payments, currency)
  const isTill = isOfTill(payments, around.isTill)
  const terms = { currency, taxesIncluded, restocked: refund.restock === true, isTill }
  const lines: Unnumbered[] = [...items.map((item) => readReturnLine(reading, item, terms)), ...adjustments]
  const device = payments.map((one) => idAt(one, 'device_id')).find((id) => id !== undefined)
  return makeFact(reading, {
    objectType: 'refund',
    objectId: neededIdAt(refund, 'id'),
    transactionType: 'RETURN',
    location: locationOf(refund, payments),
    device,
    operator: idAt(refund, 'user_id'),
    happenedAt: textAt(refund, 'processed_at') ?? textAt(refund, 'created_at'),
    currency,
    isTest: payments.some((one) => one.test === true),
    lines: chargeToOrder(lines, currency),
    links: orderLink(reading, 'RETURN_OF', idAt(refund, 'order_id')),
  })
}

/** Nothing says that it was a web shop, and something that it was a till: its order, or by itself its payments. */
function isOfTill(payments: readonly Json[], isOrderOfTill = payments.length > 0): boolean {
  return isOrderOfTill && payments.every((one) => channelOf(one) === 'POS')
}

/** Where the money was handed out; without any money, where the goods came back to a shelf. */
function locationOf(refund: Json, payments: readonly Json[]): string | undefined {
  const paidAt = payments.map((one) => idAt(one, 'location_id')).find((id) => id !== undefined)
  if (paidAt !== undefined || payments.length > 0) return paidAt
  return objectsAt(refund, 'refund_line_items')
    .filter((line) => textAt(line, 'restock_type') === 'return')
    .map((line) => idAt(line, 'location_id'))
    .find((id) => id !== undefined)
}

function currencyOf(refund: Json): string | undefined {
  const named = [...objectsAt(refund, 'refund_line_items'), ...objectsAt(refund, 'order_adjustments')]
    .flatMap((one) => [objectAt(one, 'subtotal_set'), objectAt(one, 'amount_set')])
    .map((set) => textAt(objectAt(set, 'shop_money'), 'currency_code'))
  const paid = objectsAt(refund, 'transactions').map((one) => textAt(one, 'currency'))
  return [...named, ...paid].find((code) => code !== undefined)
}

/** From the figures; where rounding hides it, from the money that went back; else prices are without tax. */
function inferTaxesIncluded(
  items: readonly RefundedItem[],
  adjustments: readonly Unnumbered[],
  payments: readonly Json[],
  currency: string,
): boolean {
  const told = taxesAreIncluded(items.map(taxedItem))
  if (told !== undefined) return told
  const paid = sum(
    payments.filter((one) => textAt(one, 'kind') === 'refund').map((one) => moneyAt(one, 'amount') ?? zero),
  )
  const withoutTax = subtract(sum(items.map(({ subtotal }) => subtotal)), adjustedBy(adjustments, currency))
  return compare(wholeMoney(withoutTax, currency), absolute(paid)) === 0
}

function adjustedBy(adjustments: readonly Unnumbered[], currency: string) {
  return computeExactTotals({ lines: numberLines(adjustments), currency } as unknown as Transaction).grandTotal
}
