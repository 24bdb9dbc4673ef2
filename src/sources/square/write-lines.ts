import { currencyExponent } from '../../domain/currency.ts'
import { decimal, multiply, parseDecimal, roundTo, zero } from '../../domain/decimal.ts'
import type { AmountLine, Line, LineTax, PriceModifier, SaleLine } from '../../domain/transaction/line.ts'
import { defined } from './fields.ts'
import { customAmountId, uncataloguedId } from './item-line.ts'
import { units } from './words.ts'

export interface MoneyObject {
  amount: number
  currency: string
}

/** The decimal text of the model as Square's money; the amounts of a transaction that can be written are whole. */
export function toMoney(text: string, currency: string, sign: 1n | -1n = 1n): MoneyObject {
  const { unscaled } = roundTo(decimal(text), currencyExponent(currency) ?? 2)
  return { amount: Number(sign * unscaled), currency }
}

/** Gathers the taxes and discounts of an order, which its lines name by their uid. */
export class Adjustments {
  readonly taxes = new Map<string, object>()
  readonly discounts = new Map<string, object>()

  applyTax(tax: LineTax, type: unknown, currency: string, sign: 1n | -1n): object {
    const { taxGroupId, taxRuleId, ratePercent, includedInPrice, taxAmount } = tax
    const uid = taxGroupId ?? `tax-${taxRuleId ?? ratePercent ?? ''}`
    const isKnown = tax.taxType !== 'OTHER'
    const word = type ?? (isKnown ? (includedInPrice ? 'INCLUSIVE' : 'ADDITIVE') : undefined)
    const definition = defined({ name: taxRuleId, percentage: ratePercent, type: word })
    if (Object.keys(definition).length > 0) this.taxes.set(uid, { uid, ...definition, scope: 'LINE_ITEM' })
    return defined({
      tax_uid: uid,
      applied_money: taxAmount === undefined ? undefined : toMoney(taxAmount, currency, sign),
    })
  }

  applyDiscount(modifier: PriceModifier, type: unknown, currency: string, sign: 1n | -1n): object {
    const { amount, percent, promotionId, reasonCode, method, appliedTo } = modifier
    const key = [promotionId, reasonCode, percent, method, appliedTo].join('|')
    const known = [...this.discounts.keys()].indexOf(key)
    const uid = `discount-${known < 0 ? this.discounts.size + 1 : known + 1}`
    const scope = appliedTo === 'LINE' ? 'LINE_ITEM' : 'ORDER'
    const discount = {
      ...defined({ uid, name: reasonCode, percentage: percent, catalog_object_id: promotionId, scope }),
      type: type ?? (percent === undefined ? 'FIXED_AMOUNT' : 'FIXED_PERCENTAGE'),
      ...(method === 'LOYALTY' && { reward_ids: [promotionId ?? uid] }),
    }
    if (known < 0) this.discounts.set(key, discount)
    const opposite = sign > 0n ? -1n : 1n
    return { discount_uid: uid, applied_money: toMoney(amount, currency, opposite) }
  }
}

export interface WriteContext {
  currency: string
  sign: 1n | -1n
  adjustments: Adjustments
}

/** Lines of goods and of gift cards that are sold. */
export function isItem(line: Line): line is SaleLine | AmountLine {
  return line.lineType === 'SALE' || line.lineType === 'RETURN' || line.lineType === 'GIFT_CARD'
}

export function writeItem(line: SaleLine | AmountLine, { currency, sign, adjustments }: WriteContext): object {
  const extensions = line.extensions ?? {}
  const money = (text: string) => toMoney(text, currency, sign)
  const applied = (line.taxes ?? []).map((tax) =>
    adjustments.applyTax(tax, extensions['square:tax_type'], currency, sign),
  )
  const shared = {
    ...defined({
      uid:
        extensions['square:uid'] ?? (extensions['square:source_line_item_uid'] ? undefined : `line-${line.lineNumber}`),
      source_line_item_uid: extensions['square:source_line_item_uid'],
      name: line.description,
    }),
    ...(applied.length > 0 && { applied_taxes: applied }),
  }
  const gross = sign > 0n ? 'gross_sales_money' : 'gross_return_money'
  if (!('quantity' in line)) {
    const { amount } = line as AmountLine
    return { ...shared, item_type: 'GIFT_CARD', quantity: '1', [gross]: money(amount), total_money: money(amount) }
  }
  const { priceModifiers = [], discountAmount, itemId } = line
  const discounts = priceModifiers.map((one) =>
    adjustments.applyDiscount(one, extensions['square:discount_type'], currency, sign),
  )
  const hasNumber = itemId !== customAmountId && itemId !== uncataloguedId
  const isTyped = itemId === customAmountId || (line.itemType === 'OTHER' && !hasNumber)
  return {
    ...shared,
    ...(hasNumber && { catalog_object_id: itemId }),
    item_type: extensions['square:item_type'] ?? (isTyped ? 'CUSTOM_AMOUNT' : 'ITEM'),
    quantity: line.quantity.replace(/^-/, ''),
    ...unitOf(line),
    ...priceOf(line, currency, sign),
    ...(discounts.length > 0 && { applied_discounts: discounts }),
    ...(discountAmount !== undefined && {
      total_discount_money: toMoney(discountAmount, currency, sign > 0n ? -1n : 1n),
    }),
  }
}

interface ModifierText {
  catalogObjectId?: string
  name?: string
  unitPrice?: string
  quantity: string
  amount: string
}

/** The price of the variation is what is left of the line when its modifiers are taken out. */
function priceOf(line: SaleLine, currency: string, sign: 1n | -1n): object {
  const modifiers = (line.extensions?.['square:modifiers'] ?? []) as ModifierText[]
  const variation = toMoney(line.extendedAmount, currency, sign)
  const base = line.actualUnitPrice === undefined ? undefined : toMoney(line.actualUnitPrice, currency)
  const written = modifiers.map(({ catalogObjectId, name, unitPrice, quantity, amount }) => {
    const total = toMoney(amount, currency)
    variation.amount -= total.amount
    const unit = unitPrice === undefined ? undefined : toMoney(unitPrice, currency)
    if (base && unit) base.amount -= piecesOf(unit.amount, quantity)
    return defined({
      catalog_object_id: catalogObjectId,
      name,
      quantity,
      base_price_money: unit,
      total_price_money: total,
    })
  })
  return {
    ...defined({ base_price_money: base }),
    variation_total_price_money: variation,
    ...(written.length > 0 && { [sign > 0n ? 'modifiers' : 'return_modifiers']: written }),
  }
}

/** As the reader does it: whole minor units of all pieces of a modifier. */
function piecesOf(unitMinor: number, quantity: string): number {
  return Number(
    roundTo(multiply({ unscaled: BigInt(unitMinor), scale: 0 }, parseDecimal(quantity) ?? zero), 0).unscaled,
  )
}

const wordsByUnit = new Map(Object.entries(units).map(([word, code]) => [code, word]))
const kindsOfUnits: readonly [pattern: RegExp, field: string][] = [
  [/_SQUARE_/, 'area_unit'],
  [/LITER|FLUID|CUP|PINT|QUART|GALLON/, 'volume_unit'],
  [/GRAM|OUNCE|POUND|STONE/, 'weight_unit'],
  [/METER|INCH|FOOT|YARD|MILE/, 'length_unit'],
  [/SECOND|MINUTE|HOUR|DAY/, 'time_unit'],
]

function unitOf({ unitOfMeasure, extensions = {} }: SaleLine): object {
  const measurement = (unit: object) => ({ quantity_unit: { measurement_unit: unit } })
  const custom = extensions['square:custom_unit'] ?? (wordsByUnit.has(unitOfMeasure ?? '') ? undefined : unitOfMeasure)
  if (custom !== undefined) return measurement({ custom_unit: { name: custom, abbreviation: custom } })
  const word = extensions['square:measurement_unit'] ?? wordsByUnit.get(unitOfMeasure ?? '')
  if (typeof word !== 'string') return {}
  const field = kindsOfUnits.find(([pattern]) => pattern.test(word))?.[1] ?? 'generic_unit'
  return measurement({ [field]: word })
}
