import { currencyExponent } from '../currency.ts'
import { add, type Decimal, roundTo, zero } from '../decimal.ts'

/** One amount in minor units of the currency; halves go away from zero. */
export function toMinor(amount: Decimal, currency: string): bigint {
  return roundTo(amount, currencyExponent(currency) ?? 2).unscaled
}

/**
 * Amounts in minor units that add up to the rounded sum exactly: fuel at 1.799 a litre has tenths of cents on its lines, and
 * the cent that rounding each line would lose or win goes to the line where it arises.
 */
export function toMinorTogether(amounts: readonly Decimal[], currency: string): bigint[] {
  let exact = zero
  let given = 0n
  return amounts.map((amount) => {
    exact = add(exact, amount)
    const share = toMinor(exact, currency) - given
    given += share
    return share
  })
}
