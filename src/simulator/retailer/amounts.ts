import { currencyExponent } from '../../domain/currency.ts'
import { add, type Decimal, decimal, divide, multiply } from '../../domain/decimal.ts'
import { fromMinorUnits } from '../../domain/money.ts'
import type { StorePlan } from './store-plan.ts'

/** Arithmetic in minor units of a store's currency. */
export interface Amounts {
  currency: string
  /** A price of the assortment in this store, in minor units. */
  price(listMinor: number): bigint
  text(minor: bigint): string
  /** Tax on or in an amount of one category, rounded half up. */
  tax(minor: bigint, category: 'standard' | 'reduced'): bigint
  /** Nearest amount that can be paid with the coins of the store. */
  payable(minor: bigint): bigint
}

const hundred = decimal('100')

export function amountsOf({ profile, taxRates, taxIncluded, priceFactor }: StorePlan): Amounts {
  const { currency } = profile
  const exponent = currencyExponent(currency) ?? 2
  const whole = (minor: bigint): Decimal => ({ unscaled: minor, scale: 0 })
  const coin =
    profile.smallestCoin === undefined ? 1n : multiply(decimal(profile.smallestCoin), whole(10n ** BigInt(exponent)))
  const coinMinor = typeof coin === 'bigint' ? coin : divide(coin, whole(1n), 0).unscaled
  return {
    currency,
    price: (listMinor) => BigInt(Math.max(1, Math.round(listMinor * priceFactor))),
    text: (minor) => fromMinorUnits(minor, currency),
    tax: (minor, category) => {
      const rate = decimal(taxRates[category])
      const base = taxIncluded ? add(hundred, rate) : hundred
      return divide(multiply(whole(minor), rate), base, 0).unscaled
    },
    payable: (minor) => {
      const half = coinMinor / 2n
      const magnitude = minor < 0n ? -minor : minor
      const rounded = ((magnitude + half) / coinMinor) * coinMinor
      return minor < 0n ? -rounded : rounded
    },
  }
}
