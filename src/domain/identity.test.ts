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
  it('of a link in the same till has its series, also where the link spells the till out', () => {
    const own = { businessUnitId: '9', workstationId: '3', sequenceNumber: 5 }
    const transaction = makeSale(7, { series: 'B' })
    expect(linkKey({ linkType: 'POST_VOID_OF', ...own }, transaction, never)).toBe('till:9/3/B/5')
    expect(linkKey({ linkType: 'POST_VOID_OF', ...own, workstationId: '4' }, transaction, never)).toBe('till:9/4/-/5')
  })
  it('is not guessed for another store without a workstation', () => {
    expect(linkKey({ linkType: 'RETURN_OF', businessUnitId: '10', sequenceNumber: 5 }, makeSale(7), never)).toBe(
      undefined,
    )
  })
  it('is not guessed for a return without a day where numbers restart daily; a void stays within its day', () => {
    const link = { sequenceNumber: 5 }
    expect(linkKey({ linkType: 'RETURN_OF', ...link }, makeSale(7), daily)).toBeUndefined()
    expect(linkKey({ linkType: 'RETURN_OF', ...link, businessDayDate: '2026-03-01' }, makeSale(7), daily)).toBe(
      'till:9/3/-/5@2026-03-01',
    )
    expect(linkKey({ linkType: 'POST_VOID_OF', ...link }, makeSale(7), daily)).toBe('till:9/3/-/5@2026-03-02')
  })
  it('of an original is the one that the original got, whatever the store and the source say of days', () => {
    for (const businessDayDateSource of ['REPORTED', 'DERIVED'] as const) {
      for (const numbering of [never, daily]) {
        const original = makeSale(5, { businessDayDateSource })
        const link = { linkType: 'RETURN_OF', sequenceNumber: 5, businessDayDate: original.businessDayDate } as const
        expect(linkKey(link, makeSale(7, { businessDayDateSource }), numbering)).toBe(
          transactionKey(original, numbering),
        )
      }
    }
  })
  it('orders by workstation, and by vendor account where there is none', () => {
    expect(orderingKey(makeSale(1))).toBe('9/3')
    const { workstationId, ...rest } = makeSale(1)
    expect(orderingKey({ ...rest, vendorFact: { account: 'a/b', objectType: 'order', objectId: '1' } })).toBe('9/a%2Fb')
  })
})
