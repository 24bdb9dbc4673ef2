import { describe, expect, it } from 'vitest'
import { reckonBus } from './reckon-bus.ts'

const told = (transactionId: string, postable = true) => ({
  status: 201,
  transactionId,
  transactionKey: `till:1/1/-/${transactionId}`,
  postable,
})

describe('the reckoning of tills against a consumer of the bus', () => {
  it('counts a receipt once, however often the bus brought it', () => {
    expect(reckonBus([told('a'), told('b')], ['b', 'a', 'a', 'b'])).toEqual({ consumed: 2, missing: [] })
  })
  it('names a receipt that never came', () => {
    expect(reckonBus([told('a'), told('b')], ['a'])).toEqual({ consumed: 1, missing: ['till:1/1/-/b'] })
  })
  it('wants receipts that are not for the books too', () => {
    expect(reckonBus([told('training', false)], [])).toMatchObject({ missing: ['till:1/1/-/training'] })
  })
  it('does not count what nobody was told to be recorded', () => {
    expect(reckonBus([told('a')], ['a', 'x'])).toEqual({ consumed: 1, missing: [] })
  })
})
