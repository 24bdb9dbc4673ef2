import { type Decimal, formatDecimal, negate, sum, zero } from '../../domain/decimal.ts'
import type { PriceModifier } from '../../domain/transaction/line.ts'
import { formatMoney, isZero, moneyAt, numberAt } from './amounts.ts'
import { type Json, objectsAt, shortTextAt, textAt } from './json.ts'
import { noteUnknown, type Reading } from './reading.ts'

export interface Discounts {
  modifiers: PriceModifier[]
  /** Above zero: what they take off. */
  total: Decimal
  /** Kinds of discounts that nobody knows. */
  unknownTypes: string[]
}

/**
 * The discounts of a line: its allocations, each with the discount of the order that it is a part of. `total_discount` counts only
 * where there are no allocations: it knows nothing of discounts on the order as a whole.
 */
export function readDiscounts(
  reading: Reading,
  line: Json,
  applications: readonly Json[],
  currency: string,
): Discounts {
  if (!Array.isArray(line.discount_allocations)) return wholeDiscount(line, currency)
  const unknownTypes: string[] = []
  const allocations = objectsAt(line, 'discount_allocations').map((allocation) => ({
    amount: moneyAt(allocation, 'amount') ?? zero,
    application: applications[Number(textAt(allocation, 'discount_application_index') ?? 'NaN')],
  }))
  const modifiers = allocations
    .filter(({ amount }) => !isZero(amount))
    .map(({ amount, application }, index): PriceModifier => {
      const percent = textAt(application, 'value_type') === 'percentage' ? numberAt(application, 'value') : undefined
      return {
        sequence: index + 1,
        amount: formatMoney(negate(amount), currency),
        ...(percent && { percent: formatDecimal(percent) }),
        ...describe(reading, application, unknownTypes),
        appliedTo: textAt(application, 'target_selection') === 'all' ? 'TRANSACTION_PRORATED' : 'LINE',
      }
    })
  return { modifiers, total: sum(allocations.map(({ amount }) => amount)), unknownTypes }
}

function wholeDiscount(line: Json, currency: string): Discounts {
  const total = moneyAt(line, 'total_discount') ?? zero
  const modifiers: PriceModifier[] = isZero(total)
    ? []
    : [{ sequence: 1, amount: formatMoney(negate(total), currency), method: 'OTHER', appliedTo: 'LINE' }]
  return { modifiers, total, unknownTypes: [] }
}

/** Who gave the discount, and under which name. */
function describe(
  reading: Reading,
  application: Json | undefined,
  unknownTypes: string[],
): Pick<PriceModifier, 'method' | 'couponCode' | 'promotionId' | 'reasonCode'> {
  const type = textAt(application, 'type')
  const title = shortTextAt(application, 'title') ?? shortTextAt(application, 'description')
  if (type === 'discount_code') {
    const code = shortTextAt(application, 'code') ?? title
    return { method: 'COUPON', ...(code !== undefined && { couponCode: code }) }
  }
  if (type === 'manual') return { method: 'MANUAL', ...(title !== undefined && { reasonCode: title }) }
  const promotion = title !== undefined && { promotionId: title }
  if (type === 'automatic' || type === 'script') return { method: 'PROMOTION', ...promotion }
  if (type !== undefined) {
    noteUnknown(reading, 'discount_applications.type', type)
    unknownTypes.push(type)
  }
  return { method: 'OTHER', ...promotion }
}
