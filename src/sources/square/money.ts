import { currencyExponent } from '../../domain/currency.ts'
import { fromMinorUnits, minorUnitsMax } from '../../domain/money.ts'
import { child, type Fields, text, Unreadable } from './fields.ts'

/** Reads and writes the money of one object, which is all in one currency. Amounts are minor units (Square's `Money`). */
export interface Money {
  currency: string
  /** The amount of a money field; undefined where it is not there. */
  minor(of: Fields | undefined, name: string): bigint | undefined
  /** Minor units as the decimal text of the model. */
  decimal(minor: bigint): string
  /** As `minor` and `decimal`, for amounts that are only passed on. */
  text(of: Fields | undefined, name: string): string | undefined
}

export function moneyIn(currency: string): Money {
  if (currencyExponent(currency) === undefined)
    throw new Unreadable('unknown-currency', 'The currency is not an active ISO 4217 code.')
  const minor = (of: Fields | undefined, name: string) => {
    const money = child(of, name)
    if (!money) return undefined
    const own = text(money, 'currency')
    if (own !== undefined && own !== currency)
      throw new Unreadable('unreadable-content', `${name} is in another currency than the whole.`)
    return wholeUnits(money, name)
  }
  const decimal = (amount: bigint) => fromMinorUnits(amount, currency)
  return {
    currency,
    minor,
    decimal,
    text: (of, name) => {
      const amount = minor(of, name)
      return amount === undefined ? undefined : decimal(amount)
    },
  }
}

/** The currency of the first of these money fields that has one. */
export function currencyOf(of: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const currency = text(child(of, name), 'currency')
    if (currency !== undefined) return currency
  }
  return undefined
}

/** The money of an object that must have some. */
export function moneyOf(of: Fields, names: readonly string[]): Money {
  const currency = currencyOf(of, names)
  if (currency === undefined) throw new Unreadable('schema-violation', `${names[0]} is missing or has no currency.`)
  return moneyIn(currency)
}

/** Square leaves an amount of zero out now and then. A fraction of a cent is no amount: something rewrote the document. */
function wholeUnits(money: Fields, name: string): bigint {
  const amount = text(money, 'amount') ?? '0'
  if (!/^-?\d+$/.test(amount)) {
    const isFraction = /^-?\d+\.\d+$/.test(amount)
    throw new Unreadable(
      isFraction ? 'currency-scale' : 'money-not-decimal-string',
      `${name} is not a whole number of minor units.`,
    )
  }
  const minor = BigInt(amount)
  if (minor > minorUnitsMax || minor < -minorUnitsMax)
    throw new Unreadable('amount-out-of-range', `${name} is too large to be money.`)
  return minor
}

export function sumMinor(amounts: readonly bigint[]): bigint {
  return amounts.reduce((left, right) => left + right, 0n)
}
