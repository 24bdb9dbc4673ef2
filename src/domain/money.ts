import { currencyExponent } from './currency.ts'
import { absolute, type Decimal, decimal, divide, formatDecimal, multiply, parseDecimal, roundTo } from './decimal.ts'

export type MoneyFault = 'not-decimal' | 'unknown-currency' | 'currency-scale' | 'amount-out-of-range'

/** Totals beyond this many minor units are a mistake of unit, not money (10^15). */
export const minorUnitsMax = 1_000_000_000_000_000n

/** An amount in minor units of its currency (cents), or why it cannot be one. Trailing zeros are fine: 22041.88000 EUR. */
export function toMinorUnits(amount: string, currency: string): { minor: bigint } | { fault: MoneyFault } {
  const value = parseDecimal(amount)
  if (!value) return { fault: 'not-decimal' }
  const exponent = currencyExponent(currency)
  if (exponent === undefined) return { fault: 'unknown-currency' }
  const rounded = roundTo(value, exponent)
  if (!sameValue(rounded, value)) return { fault: 'currency-scale' }
  if (absolute(rounded).unscaled > minorUnitsMax) return { fault: 'amount-out-of-range' }
  return { minor: rounded.unscaled }
}

/** Minor units as a decimal string with the currency's decimals: 1250 EUR cents are `12.50`. */
export function fromMinorUnits(minor: bigint, currency: string): string {
  const exponent = currencyExponent(currency) ?? 2
  return formatDecimal({ unscaled: minor, scale: exponent }, exponent)
}

/**
 * Shares `total` minor units out by weights; the shares sum to the total exactly. What rounding leaves goes to the largest
 * remainders, earlier shares first. All weights zero: everything goes to the first share. Throws a RangeError for a negative
 * weight, and for money that nobody is there to take.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.some((weight) => weight < 0n)) throw new RangeError('weights are not negative')
  if (weights.length === 0 && total !== 0n) throw new RangeError('nobody to share with')
  const sum = weights.reduce((left, right) => left + right, 0n)
  if (sum === 0n) return weights.map((_, index) => (index === 0 ? total : 0n))
  const magnitude = total < 0n ? -total : total
  const shares = weights.map((weight) => (magnitude * weight) / sum)
  const left = Number(magnitude - shares.reduce((a, b) => a + b, 0n))
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (magnitude * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  for (const { index } of byRemainder.slice(0, left)) shares[index] = (shares[index] ?? 0n) + 1n
  return total < 0n ? shares.map((share) => -share) : shares
}

/** The nearest amount that can be paid in cash with `smallestCoin`; halves go away from zero. */
export function roundToCoin(amount: Decimal, smallestCoin: string): Decimal {
  const coin = decimal(smallestCoin)
  return multiply(divide(amount, coin, 0), coin)
}

function sameValue(left: Decimal, right: Decimal): boolean {
  return left.unscaled * 10n ** BigInt(right.scale) === right.unscaled * 10n ** BigInt(left.scale)
}
