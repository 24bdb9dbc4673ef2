import { describe, expect, it } from 'vitest'
import { Pace } from './pace.ts'

describe('the pace of a simulation', () => {
  it('lets what happened an hour later be due a minute later at sixty times real time', async () => {
    let nowMs = 1_000
    const clock = {
      now: () => nowMs,
      sleep: async (durationMs: number) => {
        nowMs += durationMs
      },
    }
    const pace = new Pace(60, 0, clock)
    expect(pace.waitMs(3_600_000)).toBe(60_000)
    await pace.until(3_600_000, new AbortController().signal)
    expect(nowMs).toBe(61_000)
    // What came late is due at once.
    expect(pace.waitMs(0)).toBe(0)
    expect(new Pace(undefined, 0, clock).waitMs(1e12)).toBe(0)
  })
})
