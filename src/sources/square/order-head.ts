import type { Totals } from '../../domain/transaction/totals.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { child, children, defined, type Fields, neededText, shortText, text, Unreadable } from './fields.ts'
import { currencyOf, type Money } from './money.ts'

/** Names of people, addresses, notes and the ticket's name stay out: they are in the raw record only. */
export function orderDetails(order: Fields): Partial<Transaction> {
  return {
    source: {
      system: 'Square',
      ...defined({ version: text(order, 'version') }),
      transactionId: neededText(order, 'id'),
    },
    ...defined({ customerId: text(order, 'customer_id') }),
    extensions: defined({
      'square:location_id': text(order, 'location_id'),
      'square:source': shortText(child(order, 'source'), 'name', 128),
      'square:reference_id': shortText(order, 'reference_id', 128),
    }),
  }
}

export function readTotals(order: Fields, money: Money, sign: 1n | -1n): Totals {
  const signed = (name: string, factor: bigint) => {
    const minor = money.minor(order, name)
    return minor === undefined ? undefined : money.decimal(factor * minor)
  }
  return defined({
    discounts: signed('total_discount_money', -sign),
    taxTotal: signed('total_tax_money', sign),
    tip: signed('total_tip_money', sign),
    grandTotal: signed('total_money', sign),
  })
}

export function readReturnTotals(amounts: Fields, money: Money): Totals {
  return readTotals(
    {
      total_money: amounts.total_money,
      total_tax_money: amounts.tax_money,
      total_discount_money: amounts.discount_money,
      total_tip_money: amounts.tip_money,
    },
    money,
    -1n,
  )
}

/** The currency of the total; where Square leaves a total of null out, that of the first line that has one. */
export function neededCurrency(of: Fields, names: readonly string[]): string {
  const own = currencyOf(of, names) ?? currencyOf(child(of, 'net_amounts') ?? {}, ['total_money'])
  if (own !== undefined) return own
  const order = child(of, 'order') ?? of
  const items = [
    ...children(order, 'line_items'),
    ...children(order, 'returns').flatMap((one) => children(one, 'return_line_items')),
  ]
  for (const item of items) {
    const currency = currencyOf(item, ['total_money', 'base_price_money', 'gross_sales_money', 'gross_return_money'])
    if (currency !== undefined) return currency
  }
  throw new Unreadable('unknown-currency', 'The order names no currency.')
}
