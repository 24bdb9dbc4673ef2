import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSale } from '../testing/receipts.ts'
import { canonicalContent } from './canonical-content.ts'
import type { Transaction } from './transaction/transaction.ts'

const content = (changes: Partial<Transaction>) => JSON.stringify(canonicalContent(makeSale(1, changes)))
const plain = content({})

describe('the content of a receipt', () => {
  it('is the same whatever the order of the fields', () => {
    const fields = Object.entries(makeSale(1))
    fc.assert(
      fc.property(fc.shuffledSubarray(fields, { minLength: fields.length }), (shuffled) => {
        const transaction = Object.fromEntries(shuffled) as unknown as Transaction
        return JSON.stringify(canonicalContent(transaction)) === plain
      }),
    )
  })
  it('has its keys in order at every depth', () => {
    const keysInOrder = (value: unknown): boolean => {
      if (Array.isArray(value)) return value.every(keysInOrder)
      if (value === null || typeof value !== 'object') return true
      const keys = Object.keys(value)
      return keys.join() === [...keys].sort().join() && Object.values(value).every(keysInOrder)
    }
    expect(keysInOrder(canonicalContent(makeSale(1)))).toBe(true)
  })
  it.each<[string, Partial<Transaction>]>([
    ['an empty list', { links: [] }],
    ['an empty object', { tillSession: {} }],
    ['a flag that is off', { trainingMode: false, offline: false }],
    ['extensions and transport', { extensions: { 'x:Y': 1 }, source: { system: 's' } }],
    ['who bought', { customerId: 'c', loyaltyAccountId: 'l' }],
    ['zeros behind the point', { totals: { grandTotal: '5', taxTotal: '0.80000' } }],
  ])('does not change by %s', (_, changes) => {
    expect(content(changes)).toBe(plain)
  })
  it.each<[string, Partial<Transaction>]>([
    ['another amount', { totals: { grandTotal: '5.01', taxTotal: '0.80' } }],
    ['another number', { sequenceNumber: 2 }],
    ['another receipt number', { receiptNumber: '007' }],
    ['training', { trainingMode: true }],
    ['a line less', { lines: makeSale(1).lines.slice(0, 1) }],
    ['lines in another order', { lines: makeSale(1).lines.toReversed() }],
    ['a voided line', { lines: makeSale(1).lines.map((line) => ({ ...line, voided: true })) }],
    ['another reported offset', { endDateTime: '2026-03-02T11:04:05+02:00' }],
  ])('changes by %s', (_, changes) => {
    expect(content(changes)).not.toBe(plain)
  })
  it('keeps the local times of a till without offsets, wherever they stand, and not what we made of them', () => {
    const derived = (offset: string, businessDayDate: string) =>
      content({
        businessDayDateSource: 'DERIVED',
        utcOffsetSource: 'AMBIGUOUS',
        timeZone: 'Europe/Berlin',
        businessDayDate,
        endDateTime: `2026-10-25T02:30:00${offset}`,
        tillSession: { openedAt: `2026-10-25T02:00:00${offset}` },
      })
    expect(derived('+02:00', '2026-10-24')).toBe(derived('+01:00', '2026-10-25'))
    expect(JSON.parse(derived('+02:00', '2026-10-24'))).toMatchObject({ endDateTime: '2026-10-25T02:30:00' })
  })
  it('leaves out the account of a loyalty line, and keeps its points', () => {
    const line = { lineNumber: 1, lineType: 'LOYALTY', accountId: '12345', pointsEarned: '10.0' } as const
    const { lines } = JSON.parse(content({ lines: [line] }))
    expect(lines).toEqual([{ lineNumber: 1, lineType: 'LOYALTY', pointsEarned: '10' }])
  })
})
