import { currencyExponent } from '../../domain/currency.ts'
import {
  type Decimal,
  divide,
  formatDecimal,
  multiply,
  negate,
  roundTo,
  subtract,
  sum,
  zero,
} from '../../domain/decimal.ts'
import type { AmountLine, LineTax, PriceModifier, SaleLine } from '../../domain/transaction/line.ts'
import { formatMoney, isZero, moneyAt, numberAt } from './amounts.ts'
import { described, isTip, itemIdOf, itemIds, itemTypeOf, type Unnumbered, unitPriceOf } from './item-line.ts'
import { idAt, type Json, objectAt, objectsAt, textAt } from './json.ts'
import { noteUnknown, type Reading } from './reading.ts'
import { readRate, shareTax, type TaxedItem } from './taxes.ts'
import { Unreadable } from './unreadable.ts'
import { readWeight } from './weighed.ts'

/** The figures of one refunded item, all above zero. */
export interface RefundedItem {
  line: Json
  item: Json
  quantity: Decimal
  price: Decimal | undefined
  gross: Decimal
  /** After discounts; with taxes where prices hold them. */
  subtotal: Decimal
  tax: Decimal
}

/** Reads the figures; old documents leave out subtotal and tax, which are then the line item's in proportion. */
export function readRefundedItem(line: Json, currency: string): RefundedItem {
  const item = objectAt(line, 'line_item') ?? {}
  const quantity = numberAt(line, 'quantity')
  if (!quantity) throw new Unreadable('schema-violation', 'A refunded item has no quantity.')
  const price = moneyAt(item, 'price')
  const taxOfAll = sum(objectsAt(item, 'tax_lines').map((tax) => moneyAt(tax, 'price') ?? zero))
  const discountOfAll = Array.isArray(item.discount_allocations)
    ? sum(objectsAt(item, 'discount_allocations').map((one) => moneyAt(one, 'amount') ?? zero))
    : (moneyAt(item, 'total_discount') ?? zero)
  const share = (whole: Decimal) => shareOf(whole, quantity, numberAt(item, 'quantity') ?? quantity, currency)
  const stated = moneyAt(line, 'subtotal')
  const gross = price ? multiply(price, quantity) : (stated ?? zero)
  return {
    line,
    item,
    quantity,
    price,
    gross,
    subtotal: stated ?? subtract(gross, share(discountOfAll)),
    tax: moneyAt(line, 'total_tax') ?? share(taxOfAll),
  }
}

function shareOf(whole: Decimal, part: Decimal, all: Decimal, currency: string): Decimal {
  if (isZero(all)) return whole
  return divide(multiply(whole, part), all, currencyExponent(currency) ?? 2)
}

/** What tells whether its price holds its taxes. */
export function taxedItem({ item, subtotal, tax }: RefundedItem): TaxedItem {
  return { net: subtotal, tax, rates: objectsAt(item, 'tax_lines').map((line) => numberAt(line, 'rate') ?? zero) }
}

/** A refunded item as a line: goods come back with quantity and amounts below zero. */
export function readReturnLine(
  reading: Reading,
  refunded: RefundedItem,
  terms: { currency: string; taxesIncluded: boolean; restocked: boolean; isTill: boolean },
): Unnumbered {
  const { line, item, quantity, price, gross, subtotal } = refunded
  const { currency } = terms
  const taxes = readReturnTaxes(refunded, terms)
  const restock = readRestock(reading, line, terms.restocked)
  const extensions = { ...itemIds(item), ...lineIds(line), ...restock.extensions }
  if (isTip(item) || item.gift_card === true) {
    return {
      lineType: isTip(item) ? 'TIP' : 'GIFT_CARD',
      amount: formatMoney(negate(subtotal), currency),
      ...described(item),
      ...(taxes.length > 0 && { taxes }),
      extensions,
    } satisfies Omit<AmountLine, 'lineNumber'>
  }
  const weight = terms.isTill ? readWeight(item, quantity) : undefined
  const modifiers = readModifiers(subtract(gross, subtotal), currency)
  return {
    lineType: 'RETURN',
    itemId: itemIdOf(item),
    ...described(item),
    itemType: itemTypeOf(item),
    quantity: formatDecimal(negate(weight?.quantity ?? quantity)),
    ...(weight && { unitOfMeasure: weight.unitOfMeasure }),
    ...(weight ? unitPriceOf(weight) : price && { actualUnitPrice: formatMoney(price, currency) }),
    extendedAmount: formatMoney(negate(gross), currency),
    netAmount: formatMoney(negate(subtotal), currency),
    ...(modifiers.length > 0 && { priceModifiers: modifiers }),
    ...(taxes.length > 0 && { taxes }),
    inventoryImpact: restock.impact,
    ...(isZero(quantity) && { voided: true }),
    extensions,
  } satisfies Omit<SaleLine, 'lineNumber'>
}

/** The discount of a sale is given back with its sign turned. Which one it was, a refund does not say. */
function readModifiers(discount: Decimal, currency: string): PriceModifier[] {
  if (isZero(discount)) return []
  return [{ sequence: 1, amount: formatMoney(discount, currency), method: 'OTHER', appliedTo: 'LINE' }]
}

function readReturnTaxes(
  { item, subtotal, tax }: RefundedItem,
  terms: { currency: string; taxesIncluded: boolean },
): LineTax[] {
  const { currency } = terms
  return shareTax(tax, objectsAt(item, 'tax_lines'), currency).map(({ line, amount }) => ({
    ...readRate(line),
    taxableAmount: formatMoney(negate(subtotal), currency),
    taxAmount: formatMoney(negate(roundTo(amount, 5)), currency),
    includedInPrice: terms.taxesIncluded,
  }))
}

/** `return`: came back; `cancel`: never left. Either way it is there again; `no_restock`: it is not. */
const restockTypes = new Set(['return', 'cancel', 'legacy_restock', 'no_restock'])

function readRestock(reading: Reading, line: Json, restocked: boolean) {
  const type = textAt(line, 'restock_type')
  const location = idAt(line, 'location_id')
  const store = location === undefined ? undefined : reading.account.storeOf(location)
  if (type !== undefined && !restockTypes.has(type)) noteUnknown(reading, 'restock_type', type)
  const isBack = type === undefined ? restocked : type !== 'no_restock' && restockTypes.has(type)
  return {
    impact: {
      ...(isBack && store !== undefined && { locationId: store }),
      bucket: isBack ? ('SELLABLE' as const) : ('NONE' as const),
    },
    extensions: {
      ...(type !== undefined && { 'shopify:restock_type': type.slice(0, 64) }),
      ...(location !== undefined && { 'shopify:location_id': location }),
    },
  }
}

function lineIds(line: Json): Record<string, string> {
  const [id, itemId] = [idAt(line, 'id'), idAt(line, 'line_item_id')]
  return {
    ...(itemId !== undefined && { 'shopify:line_item_id': itemId }),
    ...(id !== undefined && { 'shopify:refund_line_item_id': id }),
  }
}
