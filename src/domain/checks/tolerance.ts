import { currencyExponent } from '../currency.ts'
import { absolute, compare, type Decimal, decimal, formatDecimal, roundTo, subtract } from '../decimal.ts'
import type { Transaction } from '../transaction/transaction.ts'

/** `count` minor units of the transaction's currency. */
export function minorUnits(transaction: Transaction, count: number): Decimal {
  return { unscaled: BigInt(count), scale: currencyExponent(transaction.currency) ?? 2 }
}

/**
 * How far a total may be from what the till says: not at all where its parts are whole minor units, one minor unit where a part is
 * finer (a tax at line precision), since tills round once or line by line.
 */
export function roundingTolerance(transaction: Transaction, ...parts: Decimal[]): Decimal {
  const exponent = currencyExponent(transaction.currency) ?? 2
  const areWhole = parts.every((part) => compare(roundTo(part, exponent), part) === 0)
  return areWhole ? none : minorUnits(transaction, 1)
}

export function differsBy(left: Decimal, right: Decimal, tolerance: Decimal): boolean {
  return compare(absolute(subtract(left, right)), tolerance) > 0
}

/** An amount for a message, with the decimals of its currency and whatever it has beyond. */
export function show(transaction: Transaction, value: Decimal): string {
  return formatDecimal(value, currencyExponent(transaction.currency) ?? 2)
}

export const none = decimal('0')
