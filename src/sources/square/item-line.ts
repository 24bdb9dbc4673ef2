import { multiply, parseDecimal, roundTo } from '../../domain/decimal.ts'
import type { ItemType } from '../../domain/transaction/codes.ts'
import type { AmountLine, SaleLine } from '../../domain/transaction/line.ts'
import { child, children, defined, type Fields, neededText, shortText, text, Unreadable } from './fields.ts'
import { type LineContext, readDiscounts, readTaxes } from './line-adjustments.ts'
import { type Money, sumMinor } from './money.ts'
import { translate, units } from './words.ts'

/** Amounts that somebody typed, and goods that are in no catalog, have no item number. */
export const customAmountId = 'CUSTOM_AMOUNT'
export const uncataloguedId = 'UNCATALOGUED'

const itemTypes: Readonly<Record<string, ItemType>> = {
  ITEM: 'STOCK',
  CUSTOM_AMOUNT: 'OTHER',
  GIFT_CARD: 'GIFT_CARD',
}

/** A line of an order, or of a return: goods, a typed amount, or a gift card that is sold, which is no sale yet. */
export function readItemLine(line: Fields, lineNumber: number, context: LineContext): SaleLine | AmountLine {
  const { money, sign, unknown } = context
  const extensions: Record<string, unknown> = defined({ 'square:uid': text(line, 'uid') })
  const itemType = translate(itemTypes, { field: 'item_type', word: text(line, 'item_type'), extensions, unknown })
  const modifiers = readModifiers(line, money)
  const gross = grossOf(line, modifiers, money)
  const priceModifiers = readDiscounts(line, context, extensions)
  const taxes = readTaxes(line, context, extensions)
  const discount = money.minor(line, 'total_discount_money') ?? 0n
  const rest = {
    ...defined({ description: descriptionOf(line) }),
    ...(taxes.length > 0 && { taxes }),
    extensions,
  }
  if (itemType === 'GIFT_CARD')
    return { lineNumber, lineType: 'GIFT_CARD', amount: money.decimal(sign * (gross - discount)), ...rest }
  if (modifiers.length > 0) extensions['square:modifiers'] = modifiers.map((one) => modifierText(one, money))
  const unitPrice = unitPriceOf(line, modifiers, money)
  return {
    lineNumber,
    lineType: sign > 0n ? 'SALE' : 'RETURN',
    itemId:
      text(line, 'catalog_object_id') ??
      (text(line, 'item_type') === 'CUSTOM_AMOUNT' ? customAmountId : uncataloguedId),
    itemType: itemType ?? (extensions['square:item_type'] === undefined ? 'STOCK' : 'OTHER'),
    quantity: quantityOf(line, sign),
    ...defined({ unitOfMeasure: unitOf(line, extensions, context), actualUnitPrice: unitPrice }),
    extendedAmount: money.decimal(sign * gross),
    ...(discount !== 0n && { discountAmount: money.decimal(-sign * discount) }),
    netAmount: money.decimal(sign * (gross - discount)),
    ...(priceModifiers.length > 0 && { priceModifiers }),
    ...rest,
  }
}

interface Modifier {
  catalogObjectId: string | undefined
  name: string | undefined
  quantity: string
  unitMinor: bigint | undefined
  totalMinor: bigint
}

function readModifiers(line: Fields, money: Money): Modifier[] {
  return [...children(line, 'modifiers'), ...children(line, 'return_modifiers')].map((modifier) => ({
    catalogObjectId: text(modifier, 'catalog_object_id'),
    name: shortText(modifier, 'name'),
    quantity: text(modifier, 'quantity') ?? '1',
    unitMinor: money.minor(modifier, 'base_price_money'),
    totalMinor: money.minor(modifier, 'total_price_money') ?? 0n,
  }))
}

/** What the writer needs to say the same again. */
function modifierText({ catalogObjectId, name, quantity, unitMinor, totalMinor }: Modifier, money: Money): object {
  return {
    ...defined({ catalogObjectId, name, unitPrice: unitMinor === undefined ? undefined : money.decimal(unitMinor) }),
    quantity,
    amount: money.decimal(totalMinor),
  }
}

/**
 * What the line costs before discounts, with the tax that is inside. In the US, Canada and Japan `gross_sales_money` is without
 * included tax and elsewhere with it (Square, OrderLineItem); the price of variation and modifiers is the same everywhere.
 */
function grossOf(line: Fields, modifiers: readonly Modifier[], money: Money): bigint {
  const variation = money.minor(line, 'variation_total_price_money')
  const gross =
    variation === undefined
      ? (money.minor(line, 'gross_sales_money') ?? money.minor(line, 'gross_return_money'))
      : variation + sumMinor(modifiers.map((one) => one.totalMinor))
  if (gross === undefined) throw new Unreadable('schema-violation', 'A line has no amount.')
  return gross
}

/** The price of one piece with its modifiers, where all of it is stated. */
function unitPriceOf(line: Fields, modifiers: readonly Modifier[], money: Money): string | undefined {
  const base = money.minor(line, 'base_price_money')
  if (base === undefined) return undefined
  let price = base
  for (const { unitMinor, quantity } of modifiers) {
    const pieces = parseDecimal(quantity)
    if (unitMinor === undefined || pieces === undefined) return undefined
    price += roundTo(multiply({ unscaled: unitMinor, scale: 0 }, pieces), 0).unscaled
  }
  return price < 0n ? undefined : money.decimal(price)
}

/** A decimal text with up to five places. Square bounds it to 12 characters. */
function quantityOf(line: Fields, sign: 1n | -1n): string {
  const quantity = neededText(line, 'quantity')
  if (!/^\d{1,12}(\.\d{1,5})?$/.test(quantity))
    throw new Unreadable('invalid-quantity', 'A quantity is not a decimal number of at most five places.')
  const trimmed = quantity.replace(/^0+(?=\d)/, '')
  return sign > 0n || /^[0.]+$/.test(trimmed) ? trimmed : `-${trimmed}`
}

const unitFields = ['generic_unit', 'weight_unit', 'volume_unit', 'length_unit', 'area_unit', 'time_unit'] as const

function unitOf(line: Fields, extensions: Record<string, unknown>, { unknown }: LineContext): string | undefined {
  const unit = child(child(line, 'quantity_unit'), 'measurement_unit')
  if (!unit) return undefined
  const custom = shortText(child(unit, 'custom_unit'), 'abbreviation', 64)
  if (custom !== undefined) {
    extensions['square:custom_unit'] = custom
    return undefined
  }
  const word = unitFields.map((name) => text(unit, name)).find((one) => one !== undefined)
  return translate(units, { field: 'measurement_unit', word, extensions, unknown })
}

function descriptionOf(line: Fields): string | undefined {
  const [name, variation] = [shortText(line, 'name', 512), shortText(line, 'variation_name', 256)]
  return variation === undefined || name === undefined ? (name ?? variation) : `${name} (${variation})`
}
