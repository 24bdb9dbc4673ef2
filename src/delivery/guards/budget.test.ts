import fc from 'fast-check'
import { expect, it } from 'vitest'
import { budgetOf } from './budget.ts'

it('never sends more than the burst and what comes in that time, however slices are used', () => {
  const anyRate = fc.double({ min: 0.01, max: 10_000, noNaN: true })
  fc.assert(
    fc.property(anyRate, fc.integer({ min: 0, max: 1_000 }), (perSecond, more) => {
      const burst = Math.ceil(1 + perSecond / 10) + more
      const { capacity, sliceMs, sliceTokensMax } = budgetOf({ perSecond, burst })
      // A window of w sees at most what left the bucket in w and one slice: capacity + perSecond * (w + slice).
      expect(capacity + (perSecond * sliceMs) / 1_000).toBeCloseTo(burst, 6)
      // One token must fit, or none would ever come.
      expect(capacity).toBeGreaterThanOrEqual(1 - 1e-9)
      expect(sliceMs).toBeGreaterThanOrEqual(100 - 1e-6)
      expect(sliceTokensMax).toBeGreaterThanOrEqual(1)
    }),
  )
})
