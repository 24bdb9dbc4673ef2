import { expect, it } from 'vitest'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { subjectOf } from './personal-data.ts'

const transaction: Transaction = {
  schemaVersion: 1,
  transactionType: 'SALE',
  status: 'COMPLETED',
  businessUnitId: '0042',
  businessDayDate: '2026-03-04',
  currency: 'EUR',
  lines: [],
}

it('names the customer before the loyalty account, and nobody where neither is known', () => {
  expect(subjectOf({ ...transaction, customerId: '7', loyaltyAccountId: '8' })).toBe('customer:7')
  expect(subjectOf({ ...transaction, loyaltyAccountId: '8' })).toBe('loyalty:8')
  expect(subjectOf(transaction)).toBeUndefined()
})

it('keeps a customer and a loyalty account of the same number apart', () => {
  expect(subjectOf({ ...transaction, customerId: '7' })).not.toBe(subjectOf({ ...transaction, loyaltyAccountId: '7' }))
})
