import { describe, expect, it } from 'vitest'
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
})
