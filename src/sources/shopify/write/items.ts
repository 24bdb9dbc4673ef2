import { decimal, formatDecimal } from '../../../domain/decimal.ts'
import type { AmountLine, SaleLine } from '../../../domain/transaction/line.ts'
import { isWeighed, writeWeight } from '../weighed.ts'
import type { WrittenDiscounts } from './discounts.ts'
import type { WrittenIds } from './place.ts'
import { writeTaxes } from './taxes.ts'
import { extensionText, idValue, moneySet } from './vendor-json.ts'

export interface ItemWriting {
  currency: string
  /** One of Shopify's own facts: everything is written as it was read. */
  isFact: boolean
  ids: WrittenIds
  discounts: WrittenDiscounts
}

/** Goods as a line item. */
export function writeItem(line: SaleLine, { currency, isFact, ids, discounts }: ItemWriting): object {
  const isOnePiece = isWeighed(line.quantity)
  const price = isOnePiece
    ? line.extendedAmount
    : (line.actualUnitPrice ?? line.regularUnitPrice ?? line.extendedAmount)
  const unknownTypes = line.extensions?.['shopify:discount_type']
  return {
    ...writeIdentity(line, ids),
    gift_card: false,
    price,
    price_set: moneySet(price, currency),
    quantity: isOnePiece ? 1 : idValue(formatDecimal(decimal(line.quantity))),
    ...writeWeight(line),
    requires_shipping: line.itemType !== 'SERVICE',
    tax_lines: writeTaxes(line.taxes ?? [], currency, isFact),
    duties: [],
    discount_allocations: discounts.allocate(
      line.priceModifiers ?? [],
      currency,
      Array.isArray(unknownTypes) ? unknownTypes : [],
    ),
  }
}

/** A gift card or a tip as a line item of one piece. */
export function writeAmountItem(line: AmountLine, { currency, isFact, ids }: ItemWriting): object {
  return {
    ...writeIdentity(line, ids),
    gift_card: line.lineType === 'GIFT_CARD',
    price: line.amount,
    price_set: moneySet(line.amount, currency),
    quantity: 1,
    requires_shipping: false,
    ...(line.lineType === 'TIP' && { tip: { payment_gateway: null, payment_method: null } }),
    tax_lines: writeTaxes(line.taxes ?? [], currency, isFact),
    duties: [],
    discount_allocations: [],
  }
}

/** Ids and names. A number that came from variant, product or title is not written as an SKU. */
export function writeIdentity(line: SaleLine | AmountLine, ids: WrittenIds): object {
  const itemId = 'itemId' in line ? line.itemId : undefined
  const [variant, product] = [extensionText(line, 'variant_id'), extensionText(line, 'product_id')]
  const isDerived = itemId === variant || itemId === product || itemId === `custom:${line.description?.slice(0, 120)}`
  return {
    id: idValue(extensionText(line, 'line_item_id') ?? ids.part('line', line.lineNumber)),
    name: line.description ?? null,
    title: line.description ?? null,
    product_id: idValue(product),
    variant_id: idValue(variant),
    sku: itemId === undefined || (isDerived && itemId !== undefined) ? null : itemId,
  }
}
