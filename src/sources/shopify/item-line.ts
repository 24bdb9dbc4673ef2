import { formatDecimal, multiply, subtract, zero } from '../../domain/decimal.ts'
import type { AmountLine, Line, SaleLine } from '../../domain/transaction/line.ts'
import { formatMoney, isZero, moneyAt, numberAt } from './amounts.ts'
import { readDiscounts } from './discounts.ts'
import { idAt, type Json, objectAt, objectsAt, shortTextAt, textAt } from './json.ts'
import type { Reading } from './reading.ts'
import { readTaxes, type TaxTerms } from './taxes.ts'
import { Unreadable } from './unreadable.ts'
import { readWeight, type Weight } from './weighed.ts'

/** How the items of an order are read. */
export interface ItemTerms extends TaxTerms {
  /** `discount_applications` of the order. */
  applications: readonly Json[]
  /** Sold at a till: only there a scale speaks, and no shopper. */
  isTill: boolean
}

/** A line before it is numbered. */
export type Unnumbered = Line extends infer One ? (One extends Line ? Omit<One, 'lineNumber'> : never) : never

/** A line item as it was sold: `quantity` and `price`, never `current_quantity`. Tips and gift cards are no goods and no revenue. */
export function readItem(reading: Reading, item: Json, terms: ItemTerms): Unnumbered {
  const { currency } = terms
  const price = moneyAt(item, 'price')
  const quantity = numberAt(item, 'quantity')
  if (!price || !quantity) throw new Unreadable('schema-violation', 'A line item has no price or no quantity.')
  const gross = multiply(price, quantity)
  const { modifiers, total, unknownTypes } = readDiscounts(reading, item, terms.applications, currency)
  const net = subtract(gross, total)
  const taxes = readTaxes(objectsAt(item, 'tax_lines'), terms, net)
  const extensions = {
    ...itemIds(item),
    ...(unknownTypes.length > 0 && { 'shopify:discount_type': unknownTypes }),
  }
  if (isTip(item) || item.gift_card === true) {
    return {
      lineType: isTip(item) ? 'TIP' : 'GIFT_CARD',
      amount: formatMoney(net, currency),
      ...described(item),
      ...(taxes.length > 0 && { taxes }),
      extensions,
    } satisfies Omit<AmountLine, 'lineNumber'>
  }
  const weight = terms.isTill ? readWeight(item, quantity) : undefined
  return {
    lineType: 'SALE',
    itemId: itemIdOf(item),
    ...described(item),
    itemType: itemTypeOf(item),
    quantity: formatDecimal(weight?.quantity ?? quantity),
    ...(weight && { unitOfMeasure: weight.unitOfMeasure }),
    ...(weight === undefined ? { actualUnitPrice: formatMoney(price, currency) } : unitPriceOf(weight)),
    extendedAmount: formatMoney(gross, currency),
    netAmount: formatMoney(net, currency),
    ...(modifiers.length > 0 && { priceModifiers: modifiers }),
    ...(taxes.length > 0 && { taxes }),
    // Something that was never there for anybody to take.
    ...(isZero(quantity) && { voided: true }),
    extensions,
  } satisfies Omit<SaleLine, 'lineNumber'>
}

/** The price of a unit of weight, where the till said it. */
export function unitPriceOf({ unitPrice }: Weight): { actualUnitPrice?: string } {
  return unitPrice === undefined ? {} : { actualUnitPrice: unitPrice }
}

/** Tips are line items with a `tip`, which names the payment that carried it. */
export function isTip(item: Json): boolean {
  return objectAt(item, 'tip') !== undefined || textAt(item, 'tip_payment_gateway') !== undefined
}

/**
 * The number under which the shop keeps the item. The SKU is copied into the order and stays; ids of variant and product turn to null
 * when the product is deleted, so they come second.
 */
export function itemIdOf(item: Json): string {
  const title = shortTextAt(item, 'title', 120)
  return (
    shortTextAt(item, 'sku') ??
    idAt(item, 'variant_id') ??
    idAt(item, 'product_id') ??
    (title === undefined ? 'custom' : `custom:${title}`)
  )
}

/** A custom item of a till has no product; whether it is shipped says whether it is a thing. */
export function itemTypeOf(item: Json): 'STOCK' | 'SERVICE' {
  return item.requires_shipping === false && idAt(item, 'variant_id') === undefined ? 'SERVICE' : 'STOCK'
}

export function described(item: Json): { description?: string } {
  const text = shortTextAt(item, 'name', 1024) ?? shortTextAt(item, 'title', 1024)
  return text === undefined ? {} : { description: text }
}

export function itemIds(item: Json): Record<string, string> {
  const ids = {
    line_item_id: idAt(item, 'id'),
    variant_id: idAt(item, 'variant_id'),
    product_id: idAt(item, 'product_id'),
  }
  return Object.fromEntries(
    Object.entries(ids).flatMap(([name, id]) => (id === undefined ? [] : [[`shopify:${name}`, id]])),
  )
}

/** Duties of an item, where the price does not hold them. */
export function readDuties(item: Json, { currency, taxesIncluded }: TaxTerms): Omit<AmountLine, 'lineNumber'>[] {
  return objectsAt(item, 'duties').flatMap((duty) => {
    const amount = numberAt(objectAt(duty, 'shop_money'), 'amount') ?? moneyAt(duty, 'price') ?? zero
    if (isZero(amount)) return []
    const id = idAt(duty, 'id')
    const taxes = readTaxes(objectsAt(duty, 'tax_lines'), { currency, taxesIncluded }, amount)
    return [
      {
        lineType: 'FEE',
        amount: formatMoney(amount, currency),
        description: 'Duties',
        reasonCode: 'DUTIES',
        ...(id !== undefined && { reference: id }),
        ...(taxes.length > 0 && { taxes }),
      },
    ]
  })
}
