import { describe, expect, it } from 'vitest'
import { reckon } from './reckon.ts'

const told = (transactionId: string, postable = true) => ({
  status: 201,
  transactionId,
  transactionKey: `till:1/1/-/${transactionId}`,
  postable,
})

describe('the reckoning of tills against receivers', () => {
  it('is clean when every receiver has every acknowledged receipt once', () => {
    const logs = [
      { name: 'erp', effects: ['a', 'b'] },
      { name: 'shop', effects: ['b', 'a'] },
    ]
    expect(reckon([told('a'), told('b')], logs)).toEqual({ lost: 0, doubled: 0, unexplained: 0, missing: [] })
  })
  it('finds a receipt that one receiver does not have', () => {
    const logs = [
      { name: 'erp', effects: ['a', 'b'] },
      { name: 'shop', effects: ['a'] },
    ]
    expect(reckon([told('a'), told('b')], logs)).toMatchObject({
      lost: 1,
      missing: [{ receiver: 'shop', transactionKey: 'till:1/1/-/b' }],
    })
  })
  it('finds an effect that happened twice', () => {
    expect(reckon([told('a')], [{ name: 'erp', effects: ['a', 'a'] }])).toMatchObject({ lost: 0, doubled: 1 })
  })
  it('finds an effect that nobody was promised', () => {
    expect(reckon([], [{ name: 'erp', effects: ['x'] }])).toMatchObject({ unexplained: 1 })
  })
  it('expects nothing of receipts that are not for the books', () => {
    expect(reckon([told('training', false)], [{ name: 'erp', effects: [] }])).toMatchObject({ lost: 0 })
  })
})
