import { absolute, decimal, formatDecimal } from '../../../domain/decimal.ts'
import type { PriceModifier } from '../../../domain/transaction/line.ts'
import { formatMoney } from '../amounts.ts'
import { moneySet } from './vendor-json.ts'

/** Collects the discounts of an order while its lines are written: a line only names them by their place. */
export class WrittenDiscounts {
  readonly applications: object[] = []
  private readonly places = new Map<string, number>()

  /** The allocations of one line. `unknownTypes`: Shopify's words for kinds that the model has none for, in their order. */
  allocate(modifiers: readonly PriceModifier[], currency: string, unknownTypes: readonly string[]): object[] {
    const unknown = unknownTypes.values()
    return modifiers.map((modifier) => {
      const amount = formatMoney(absolute(decimal(modifier.amount)), currency)
      const type = modifier.method === 'OTHER' ? unknown.next().value : typeOf(modifier)
      const place = type === undefined ? null : this.place({ ...describe(modifier, type, amount), type })
      return { amount, amount_set: moneySet(amount, currency), discount_application_index: place }
    })
  }

  private place(application: object): number {
    const key = JSON.stringify(application)
    const known = this.places.get(key)
    if (known !== undefined) return known
    this.places.set(key, this.applications.length)
    this.applications.push(application)
    return this.applications.length - 1
  }
}

function typeOf({ method }: PriceModifier): string {
  if (method === 'COUPON') return 'discount_code'
  return method === 'PROMOTION' ? 'automatic' : 'manual'
}

function describe(modifier: PriceModifier, type: string, amount: string): object {
  const { percent, appliedTo, couponCode, promotionId, reasonCode, method } = modifier
  const isWhole = appliedTo === 'TRANSACTION_PRORATED'
  const value = percent === undefined ? amount : formatDecimal(absolute(decimal(percent)), 1)
  const isOwn = method === 'MANUAL' || method === 'PROMOTION' || method === 'OTHER'
  const title = type === 'manual' ? (reasonCode ?? promotionId ?? (isOwn ? undefined : method)) : promotionId
  return {
    target_type: 'line_item',
    value,
    value_type: percent === undefined ? 'fixed_amount' : 'percentage',
    allocation_method: isWhole ? 'across' : 'each',
    target_selection: isWhole ? 'all' : 'explicit',
    ...(type === 'discount_code' ? couponCode !== undefined && { code: couponCode } : title !== undefined && { title }),
  }
}
