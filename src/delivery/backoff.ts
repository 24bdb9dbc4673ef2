import type { RandomSource } from '../contract/clock.ts'

export interface BackoffOptions {
  backoffBaseMs: number
  backoffMaxMs: number
}

/** A target's Retry-After counts up to a day. */
export const retryAfterMaxMs = 86_400_000

/**
 * The wait before the next attempt: exponential with equal jitter (half fixed, half random), so that lanes that failed
 * together do not come back together. What the target asked for is the least, capped at a day.
 */
export function backoffMs(attempts: number, options: BackoffOptions, random: RandomSource, askedMs = 0): number {
  const ceiling = Math.min(options.backoffMaxMs, options.backoffBaseMs * 2 ** Math.min(attempts - 1, 30))
  const own = ceiling / 2 + (ceiling / 2) * random.next()
  return Math.round(Math.max(own, Math.min(Math.max(askedMs, 0), retryAfterMaxMs)))
}
