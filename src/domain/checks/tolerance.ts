import { currencyExponent } from '../currency.ts'
import { absolute, compare, type Decimal, decimal, formatDecimal, subtract } from '../decimal.ts'
import type { Transaction } from '../transaction/transaction.ts'

/** `count` minor units of the transaction's currency. */
export function minorUnits(transaction: Transaction, count: number): Decimal {
  return { unscaled: BigInt(count), scale: currencyExponent(transaction.currency) ?? 2 }
}

export function differsBy(left: Decimal, right: Decimal, tolerance: Decimal): boolean {
  return compare(absolute(subtract(left, right)), tolerance) > 0
}

/** An amount for a message. */
export function show(transaction: Transaction, value: Decimal): string {
  return formatDecimal(value, currencyExponent(transaction.currency) ?? 2)
}

export const none = decimal('0')
