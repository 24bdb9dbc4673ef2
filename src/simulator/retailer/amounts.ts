import { currencyExponent } from '../../domain/currency.ts'
import { decimal, divide } from '../../domain/decimal.ts'
import type { TaxRule } from './countries.ts'
import type { StorePlan } from './store-plan.ts'

/** Arithmetic in minor units of a store's currency. */
export interface Amounts {
  currency: string
  text(minor: bigint): string
  /** Nearest amount that can be paid with the coins of the store. */
  payable(minor: bigint): bigint
  coinMinor: bigint
  /** Tax on or in an amount by one rule, rounded half away from zero. */
  tax(minor: bigint, rule: TaxRule): bigint
}

export function amountsOf({ profile, rules }: StorePlan): Amounts {
  const { currency, smallestCoin } = profile
  const exponent = currencyExponent(currency) ?? 2
  const unit = 10n ** BigInt(exponent)
  const coin = decimal(smallestCoin ?? '1')
  const coinMinor = smallestCoin === undefined ? 1n : (coin.unscaled * unit) / 10n ** BigInt(coin.scale)
  const fractions = new Map<TaxRule, { numerator: bigint; denominator: bigint }>()
  const fractionOf = (rule: TaxRule) => {
    let fraction = fractions.get(rule)
    if (!fraction) {
      const { unscaled, scale } = decimal(rule.ratePercent)
      const hundred = 100n * 10n ** BigInt(scale)
      fraction = { numerator: unscaled, denominator: rules.taxIncluded ? hundred + unscaled : hundred }
      fractions.set(rule, fraction)
    }
    return fraction
  }
  return {
    currency,
    coinMinor,
    text: (minor) => minorText(minor, exponent),
    payable: (minor) => roundedQuotient(minor, coinMinor) * coinMinor,
    tax: (minor, rule) => {
      const { numerator, denominator } = fractionOf(rule)
      return numerator === 0n ? 0n : roundedQuotient(minor * numerator, denominator)
    },
  }
}

/** Minor units as a decimal string. The hot path of every amount that is printed, so there is no loop in it. */
export function minorText(minor: bigint, exponent: number): string {
  const digits = minor.toString()
  if (exponent === 0) return digits
  const negative = minor < 0n
  const magnitude = (negative ? digits.slice(1) : digits).padStart(exponent + 1, '0')
  const text = `${magnitude.slice(0, -exponent)}.${magnitude.slice(-exponent)}`
  return negative ? `-${text}` : text
}

/** Thousandths as text: 1250 is `1.250`, 2000 is `2`. */
export function quantityText(milli: bigint): string {
  return milli % 1_000n === 0n ? (milli / 1_000n).toString() : minorText(milli, 3)
}

/** Quotient to the nearest whole number, halves away from zero. The denominator is above zero. */
export function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const doubled = 2n * numerator
  return (doubled < 0n ? doubled - denominator : doubled + denominator) / (2n * denominator)
}

/** What foreign money is worth in ours: `rate` of our whole units for one of theirs. */
export function foreignValueMinor(foreignMinor: bigint, foreign: string, rate: string, currency: string): bigint {
  const [from, to] = [currencyExponent(foreign) ?? 2, currencyExponent(currency) ?? 2]
  const { unscaled, scale } = decimal(rate)
  return divide({ unscaled: foreignMinor * unscaled, scale: from + scale }, decimal('1'), to).unscaled
}
