import { describe, expect, it } from 'vitest'
import { makeSale } from '../testing/receipts.ts'
import { contentHashOf, transactionIdOf } from './identity.ts'

describe('the id of a transaction', () => {
  it('gives the same id for ever', () => {
    expect(transactionIdOf('till:9/3/-/7')).toBe('7c5583c6-187d-8856-833b-7db30388ecc4')
  })
})

describe('the content hash', () => {
  const hash = (changes: Parameters<typeof makeSale>[1]) => contentHashOf(makeSale(1, changes)).toString('hex')
  const plain = hash({})

  it('does not mind how an amount is written, or a flag that says nothing', () => {
    expect(hash({ totals: { grandTotal: '5', taxTotal: '0.800' }, trainingMode: false })).toBe(plain)
  })
  it('does not cover transport, extensions, people, or what was derived', () => {
    expect(hash({ source: { system: 'x' }, extensions: { a: 1 }, customerId: 'c', loyaltyAccountId: 'l' })).toBe(plain)
    const derived = { businessDayDateSource: 'DERIVED', utcOffsetSource: 'DERIVED' } as const
    expect(hash({ ...derived, endDateTime: '2026-03-02T11:04:05+01:00' })).toBe(
      hash({ ...derived, endDateTime: '2026-03-02T11:04:05+02:00', businessDayDate: '2026-03-03' }),
    )
  })
  it('covers the business: an amount, an operator, a receipt number with its zeros', () => {
    expect(
      new Set([
        plain,
        hash({ totals: { grandTotal: '5.01' } }),
        hash({ operatorId: '1' }),
        hash({ receiptNumber: '007' }),
        hash({ receiptNumber: '7' }),
      ]).size,
    ).toBe(5)
  })
})
