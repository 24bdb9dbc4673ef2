import { describe, expect, it } from 'vitest'
import { itemsAllowed, liveLagMaxMs, openItemsMax } from './pace.ts'

const calm = { ratePerSecond: 100, restedMs: 100, open: 0, liveLagMs: 0 }

describe('how much of a replay may go now', () => {
  it.each([
    ['as much as its rate allows since it last went', calm, 10],
    ['nothing too early', { ...calm, restedMs: 5 }, 0],
    ['one event a second at rate 1', { ...calm, ratePerSecond: 1, restedMs: 1_000 }, 1],
    ['none before the second is over', { ...calm, ratePerSecond: 1, restedMs: 999 }, 0],
    ['no flood after a long rest', { ...calm, ratePerSecond: 20, restedMs: 3_600_000 }, 20],
    ['one to begin with', { ...calm, restedMs: undefined }, 1],
    [
      'never more than may be under way',
      { ...calm, ratePerSecond: 10_000, restedMs: 1_000, open: 30 },
      openItemsMax - 30,
    ],
    ['nothing while too much is under way', { ...calm, open: openItemsMax + 5 }, 0],
    ['nothing while live events are late', { ...calm, liveLagMs: liveLagMaxMs + 1 }, 0],
    ['something while they are not', { ...calm, liveLagMs: liveLagMaxMs }, 10],
  ])('%s', (_name, input, expected) => {
    expect(itemsAllowed(input)).toBe(expected)
  })
})
