import { currencyExponent } from '../../domain/currency.ts'
import { type Decimal, divide, multiply, roundTo } from '../../domain/decimal.ts'

export interface LinePrice {
  unitPrice: Decimal
  /** What Tryton makes of quantity and unit price: its currencies round halves to even. */
  amount: bigint
}

/**
 * The unit price from which Tryton computes a line's amount. Tryton keeps quantity and price, never the amount; with as many
 * decimals as its installation keeps of a price, some amounts cannot be met (1,000 pieces for 33.33), and the caller books the rest.
 */
export function priceLine(net: bigint, quantity: Decimal, currency: string, priceDecimals: number): LinePrice {
  const exponent = currencyExponent(currency) ?? 2
  const unitPrice = divide({ unscaled: net, scale: exponent }, quantity, priceDecimals, 'HALF_EVEN')
  const amount = roundTo(multiply(unitPrice, quantity), exponent, 'HALF_EVEN')
  return { unitPrice, amount: amount.unscaled }
}
