import { expect, it } from 'vitest'
import { roomOf } from './prefetch.ts'

const prefetchOf = (messages: number, bytes = 0) => ({ messagesMax: 1_000, bytesMax: 10_000, messages, bytes })

it('gives one partition alone everything', () => {
  expect(roomOf(prefetchOf(0), 0, 1)).toBe(1_000)
  expect(roomOf(prefetchOf(1_000), 1_000, 1)).toBe(0)
})

it('leaves the others something however many partitions take all they may', () => {
  let taken = 0
  for (let stuck = 0; stuck < 10; stuck += 1) {
    const room = roomOf(prefetchOf(taken), 0, 64)
    expect(room).toBeGreaterThan(0)
    taken += room
    expect(roomOf(prefetchOf(taken), room, 64)).toBeLessThanOrEqual(0)
  }
  expect(roomOf(prefetchOf(taken), 0, 64)).toBe(7)
})

it('takes no more bytes than there may be, but always something of a partition that has nothing', () => {
  expect(roomOf(prefetchOf(10, 10_000), 5, 4)).toBe(0)
  expect(roomOf(prefetchOf(10, 10_000), 0, 4)).toBeGreaterThan(0)
})
