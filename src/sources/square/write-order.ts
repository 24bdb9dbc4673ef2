import { decimal } from '../../domain/decimal.ts'
import type { AmountLine, TenderLine } from '../../domain/transaction/line.ts'
import type { Totals } from '../../domain/transaction/totals.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { defined } from './fields.ts'
import { Adjustments, isItem, toMoney, type WriteContext, writeItem } from './write-lines.ts'
import { writeOrderTender } from './write-money.ts'

export type OrderObject = Record<string, unknown> & { returns?: object[] }

/** A sale, or an order that was cancelled. What it leaves open is not written: it is what its payments close. */
export function writeSale(fact: Transaction, id: string): OrderObject {
  const { currency, lines } = fact
  const adjustments = new Adjustments()
  const context: WriteContext = { currency, sign: 1n, adjustments }
  const items = lines.filter(isItem).map((line) => writeItem(line, context))
  const charges = lines.filter(isCharge).map((line) => writeCharge(line, context))
  const tenders = lines.filter(isOwnTender).map((line) => writeOrderTender(line, currency))
  return {
    ...orderHeader(fact, id),
    line_items: items,
    ...(adjustments.taxes.size > 0 && { taxes: [...adjustments.taxes.values()] }),
    ...(adjustments.discounts.size > 0 && { discounts: [...adjustments.discounts.values()] }),
    ...(charges.length > 0 && { service_charges: charges }),
    ...(tenders.length > 0 && { tenders }),
    ...roundingOf(fact, 1n),
    ...totalsOf(fact.totals, currency, 1n, {
      total: 'total_money',
      tax: 'total_tax_money',
      discount: 'total_discount_money',
      tip: 'total_tip_money',
    }),
  }
}

/** A return, and the order it stands in when nothing is sold with it. */
export function writeReturn(fact: Transaction, orderId: string, uid: string): { order: OrderObject; returned: object } {
  const { currency, lines } = fact
  const adjustments = new Adjustments()
  const context: WriteContext = { currency, sign: -1n, adjustments }
  const items = lines.filter(isItem).map((line) => writeItem(line, context))
  const charges = lines.filter(isCharge).map((line) => writeCharge(line, context))
  const tips = lines.filter((line): line is AmountLine => line.lineType === 'TIP')
  const returned = {
    uid,
    ...defined({ source_order_id: fact.extensions?.['square:source_order_id'] }),
    return_line_items: items,
    ...(adjustments.taxes.size > 0 && { return_taxes: [...adjustments.taxes.values()] }),
    ...(adjustments.discounts.size > 0 && { return_discounts: [...adjustments.discounts.values()] }),
    ...(charges.length > 0 && { return_service_charges: charges }),
    ...(tips.length > 0 && {
      return_tips: tips.map(({ amount }) => ({ applied_money: toMoney(amount, currency, -1n) })),
    }),
    ...roundingOf(fact, -1n),
    return_amounts: totalsOf(fact.totals, currency, -1n, {
      total: 'total_money',
      tax: 'tax_money',
      discount: 'discount_money',
      tip: 'tip_money',
    }),
  }
  return { order: orderHeader(fact, orderId), returned }
}

function orderHeader(fact: Transaction, id: string): OrderObject {
  const { extensions = {} } = fact
  const source = extensions['square:source']
  return {
    id,
    location_id: extensions['square:location_id'],
    state: fact.status === 'CANCELLED' ? 'CANCELED' : 'COMPLETED',
    ...defined({
      version: fact.source?.version,
      created_at: fact.beginDateTime,
      closed_at: fact.endDateTime,
      customer_id: fact.customerId,
      reference_id: extensions['square:reference_id'],
      source: source === undefined ? undefined : { name: source },
    }),
  }
}

function isCharge(line: Transaction['lines'][number]): line is AmountLine {
  return line.lineType === 'FEE'
}

function isOwnTender(line: Transaction['lines'][number]): line is TenderLine {
  return line.lineType === 'TENDER' && line.tenderType !== 'ACCOUNTS_RECEIVABLE'
}

function writeCharge(line: AmountLine, { currency, sign, adjustments }: WriteContext): object {
  const { extensions = {}, amount, description, reasonCode, reference, taxes = [] } = line
  const applied = taxes.map((tax) => adjustments.applyTax(tax, extensions['square:tax_type'], currency, sign))
  return {
    ...defined({
      uid: extensions['square:uid'] ?? `charge-${line.lineNumber}`,
      name: description,
      catalog_object_id: reference,
      type: extensions['square:service_charge_type'] ?? reasonCode,
      treatment_type: extensions['square:treatment_type'],
      applied_money: toMoney(amount, currency, sign),
    }),
    ...(applied.length > 0 && { applied_taxes: applied }),
  }
}

function roundingOf({ lines, currency }: Transaction, sign: 1n | -1n): object {
  const rounding = lines.find((line): line is AmountLine => line.lineType === 'ROUNDING')
  if (!rounding) return {}
  return { rounding_adjustment: { name: 'Rounding', amount_money: toMoney(rounding.amount, currency, sign) } }
}

function totalsOf(
  totals: Totals = {},
  currency: string,
  sign: 1n | -1n,
  names: Record<'total' | 'tax' | 'discount' | 'tip', string>,
): Record<string, unknown> {
  const money = (text: string | undefined, factor: 1n | -1n) =>
    text === undefined ? undefined : toMoney(decimal(text).unscaled === 0n ? '0' : text, currency, factor)
  return defined({
    [names.discount]: money(totals.discounts, sign > 0n ? -1n : 1n),
    [names.tax]: money(totals.taxTotal, sign),
    [names.tip]: money(totals.tip, sign),
    [names.total]: money(totals.grandTotal, sign),
  })
}
