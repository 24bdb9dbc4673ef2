import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBuckets } from './token-buckets.ts'

describe('token buckets', () => {
  it('never let through more than the burst and the rate, and never less to one who waits as told', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), (waits, rate, burst) => {
        const buckets = new TokenBuckets({ ratePerSecond: rate, burst, keysMax: 10 })
        const passedAtMs: number[] = []
        let nowMs = 0
        for (const waitMs of waits) {
          nowMs += waitMs
          const { allowed, waitMs: told } = buckets.take('a', nowMs)
          if (allowed) passedAtMs.push(nowMs)
          else {
            expect(told).toBeGreaterThan(0)
            expect(buckets.look('a', nowMs + told - 1e-3).allowed && told > 1).toBe(false)
            expect(buckets.look('a', nowMs + told + 1e-3).allowed).toBe(true)
          }
        }
        for (const [first, fromMs] of passedAtMs.entries())
          for (let last = first; last < passedAtMs.length; last += 1) {
            const spanMs = (passedAtMs[last] ?? 0) - fromMs
            expect(last - first + 1).toBeLessThanOrEqual(burst + (spanMs * rate) / 1_000 + 1e-6)
          }
      }),
    )
  })

  it('say what is left', () => {
    const buckets = new TokenBuckets({ ratePerSecond: 10, burst: 3, keysMax: 10 })
    expect([1, 2, 3].map(() => buckets.take('a', 0).remaining)).toEqual([2, 1, 0])
    expect(buckets.take('a', 0)).toEqual({ allowed: false, remaining: 0, waitMs: 100 })
    expect(buckets.take('b', 0).allowed).toBe(true)
    expect(buckets.take('a', 100).allowed).toBe(true)
    expect(buckets.look('a', 10_000).remaining).toBe(3)
  })

  it('are bounded in number, and forget the full ones first', () => {
    const buckets = new TokenBuckets({ ratePerSecond: 1, burst: 2, keysMax: 100 })
    buckets.take('flood', 0)
    buckets.take('flood', 5_000)
    buckets.take('flood', 5_000)
    for (let key = 0; key < 99; key += 1) buckets.take(String(key), 3_000)
    buckets.take('new', 5_500)
    expect(buckets.size).toBeLessThanOrEqual(100)
    expect(buckets.take('flood', 5_500).allowed).toBe(false)
    for (let key = 0; key < 10_000; key += 1) buckets.take(`many-${key}`, 5_500)
    expect(buckets.size).toBe(100)
  })
})
