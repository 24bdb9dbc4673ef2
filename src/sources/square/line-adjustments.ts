import type { ModifierMethod, TaxType } from '../../domain/transaction/codes.ts'
import type { LineTax, PriceModifier } from '../../domain/transaction/line.ts'
import { children, defined, type Fields, shortText, text } from './fields.ts'
import type { Money } from './money.ts'
import { translate, type UnknownWords } from './words.ts'

/** What the lines of one order or return share. */
export interface LineContext {
  money: Money
  /** 1 for what is sold, -1 for what comes back: Square writes both as positive amounts. */
  sign: 1n | -1n
  /** The taxes and discounts of the whole, by their uid: a line only says how much of which. */
  taxes: ReadonlyMap<string, Fields>
  discounts: ReadonlyMap<string, Fields>
  unknown: UnknownWords
}

export function byUid(objects: readonly Fields[]): Map<string, Fields> {
  return new Map(objects.map((object) => [text(object, 'uid') ?? '', object]))
}

const taxTypes: Readonly<Record<string, TaxType>> = { ADDITIVE: 'SALES', INCLUSIVE: 'VAT' }

/** Square knows no kinds of tax: added tax is read as sales tax, included tax as value added tax. */
export function readTaxes(line: Fields, context: LineContext, extensions: Record<string, unknown>): LineTax[] {
  const { money, sign, taxes, unknown } = context
  return children(line, 'applied_taxes').map((applied) => {
    const uid = text(applied, 'tax_uid')
    const tax = taxes.get(uid ?? '')
    const word = text(tax, 'type')
    const amount = money.minor(applied, 'applied_money')
    return {
      ...defined({
        taxGroupId: text(tax, 'catalog_object_id') ?? uid,
        taxRuleId: shortText(tax, 'name', 128),
        ratePercent: text(tax, 'percentage'),
        taxAmount: amount === undefined ? undefined : money.decimal(sign * amount),
      }),
      taxType: translate(taxTypes, { field: 'tax_type', word, extensions, unknown }) ?? 'OTHER',
      includedInPrice: word === 'INCLUSIVE',
    }
  })
}

const discountTypes: Readonly<Record<string, true>> = {
  FIXED_PERCENTAGE: true,
  FIXED_AMOUNT: true,
  VARIABLE_PERCENTAGE: true,
  VARIABLE_AMOUNT: true,
}

export function readDiscounts(
  line: Fields,
  context: LineContext,
  extensions: Record<string, unknown>,
): PriceModifier[] {
  const { money, sign, discounts, unknown } = context
  return children(line, 'applied_discounts').map((applied, index) => {
    const discount = discounts.get(text(applied, 'discount_uid') ?? '')
    translate(discountTypes, { field: 'discount_type', word: text(discount, 'type'), extensions, unknown })
    return {
      sequence: index + 1,
      amount: money.decimal(-sign * (money.minor(applied, 'applied_money') ?? 0n)),
      ...defined({
        percent: text(discount, 'percentage'),
        promotionId: text(discount, 'catalog_object_id') ?? text(discount, 'pricing_rule_id'),
        reasonCode: shortText(discount, 'name', 128),
      }),
      method: methodOf(discount),
      appliedTo: text(discount, 'scope') === 'ORDER' ? 'TRANSACTION_PRORATED' : 'LINE',
    }
  })
}

function methodOf(discount: Fields | undefined): ModifierMethod {
  if (Array.isArray(discount?.reward_ids) && discount.reward_ids.length > 0) return 'LOYALTY'
  const isPlanned = text(discount, 'pricing_rule_id') ?? text(discount, 'catalog_object_id')
  return isPlanned === undefined ? 'MANUAL' : 'PROMOTION'
}
