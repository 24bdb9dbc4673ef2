import { currencyExponent } from '../../domain/currency.ts'
import { add, type Decimal, roundTo, zero } from '../../domain/decimal.ts'

/** One amount in minor units of the currency; halves go away from zero. */
export function toCents(amount: Decimal, currency: string): number {
  return Number(roundTo(amount, currencyExponent(currency) ?? 2).unscaled)
}

/**
 * Amounts in minor units that add up to the rounded sum exactly: fuel at 1.799 a litre has tenths of cents on its lines, and
 * the cent that rounding each line would lose or win goes to the line where it arises.
 */
export function toCentsTogether(amounts: readonly Decimal[], currency: string): number[] {
  let exact = zero
  let given = 0
  return amounts.map((amount) => {
    exact = add(exact, amount)
    const share = toCents(exact, currency) - given
    given += share
    return share
  })
}
