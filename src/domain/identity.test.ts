import { describe, expect, it } from 'vitest'
import { contentHashOf, transactionIdOf } from '../intake/identity.ts'
import { makeSale } from '../testing/receipts.ts'
import { linkKey, orderingKey, transactionKey } from './identity.ts'

const never = { numbersRestartDaily: false }
const daily = { numbersRestartDaily: true }

describe('the identity of a transaction', () => {
  it('is store, workstation, series and number', () => {
    expect(transactionKey(makeSale(7), never)).toBe('till:9/3/-/7')
    expect(transactionKey(makeSale(7, { series: 'B' }), never)).toBe('till:9/3/B/7')
  })
  it('has the day only where numbers restart and the till reported it', () => {
    expect(transactionKey(makeSale(7), daily)).toBe('till:9/3/-/7@2026-03-02')
    expect(transactionKey(makeSale(7, { businessDayDateSource: 'DERIVED' }), daily)).toBe('till:9/3/-/7')
  })
  it('of a vendor fact cannot be confused by separators', () => {
    const fact = (account: string, objectId: string) =>
      transactionKey(makeSale(1, { vendorFact: { account, objectType: 'order', objectId } }), never)
    expect(fact('a/b', 'c')).toBe('fact:a%2Fb/order/c')
    expect(fact('a', 'b/c')).not.toBe(fact('a/b', 'c'))
  })
  it('is not there without a number', () => {
    const { sequenceNumber, ...rest } = makeSale(1)
    expect(transactionKey(rest, never)).toBeUndefined()
  })
  it('is found by a link, in the same till or another', () => {
    expect(linkKey({ linkType: 'RETURN_OF', sequenceNumber: 5 }, makeSale(7), never)).toBe('till:9/3/-/5')
    expect(
      linkKey(
        { linkType: 'RETURN_OF', businessUnitId: '10', workstationId: '1', sequenceNumber: 5 },
        makeSale(7),
        never,
      ),
    ).toBe('till:10/1/-/5')
    expect(linkKey({ linkType: 'RETURN_OF' }, makeSale(7), never)).toBeUndefined()
  })
  it('orders by workstation', () => {
    expect(orderingKey(makeSale(1))).toBe('9/3')
  })
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
