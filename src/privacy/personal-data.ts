import type { Transaction } from '../domain/transaction/transaction.ts'

/**
 * The person a transaction speaks of, as the name under which the vault keeps that person's key: the customer, else the
 * loyalty account. A customer and a loyalty account of the same number are different people.
 */
export function subjectOf(transaction: Transaction): string | undefined {
  if (transaction.customerId !== undefined) return `customer:${transaction.customerId}`
  if (transaction.loyaltyAccountId !== undefined) return `loyalty:${transaction.loyaltyAccountId}`
  return undefined
}
