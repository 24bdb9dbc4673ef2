import type { Transaction } from '../domain/transaction/transaction.ts'
import { isReference } from './references.ts'

/**
 * The person a transaction speaks of, as the name under which the vault keeps that person's key: the customer, else the
 * loyalty account. A customer and a loyalty account of the same number are different people.
 */
export function subjectOf(transaction: Transaction): string | undefined {
  if (transaction.customerId !== undefined) return `customer:${transaction.customerId}`
  if (transaction.loyaltyAccountId !== undefined) return `loyalty:${transaction.loyaltyAccountId}`
  return undefined
}

/** Everybody whom the fields of a transaction name, by the names of `subjectOf`; who is a reference already is nobody any more. */
export function subjectsOf(transaction: Transaction): string[] {
  const subjects = new Set<string>()
  const add = (kind: SubjectKind, id: string | undefined) => {
    if (id !== undefined && !isReference(id)) subjects.add(`${kind}:${id}`)
  }
  add('customer', transaction.customerId)
  add('loyalty', transaction.loyaltyAccountId)
  for (const line of transaction.lines) if (line.lineType === 'LOYALTY') add('loyalty', line.accountId)
  return [...subjects]
}

export type SubjectKind = 'customer' | 'loyalty'
