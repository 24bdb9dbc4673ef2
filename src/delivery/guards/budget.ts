/** How often a target may be asked, by all workers of the installation together. */
export interface RateLimit {
  perSecond: number
  /** Requests that may come at once after a rest; at least 1 + perSecond / 10, so that a slice outlives the way to the database. */
  burst: number
}

/** A rate limit as workers share it: each draws a slice of tokens and uses it up within `sliceMs`. */
export interface RateBudget {
  perSecond: number
  /** Tokens that come together in the shared bucket. */
  capacity: number
  /** A token that was not used so soon after it was asked for is void. */
  sliceMs: number
  /** Tokens of one slice at most. */
  sliceTokensMax: number
}

const sliceMaxMs = 250
/**
 * Sent is at most `burst + perSecond * seconds` in any window: a token is used within `sliceMs` after it left the bucket, so a
 * window sees the tokens of a time that is longer by one slice, and the bucket is smaller by just these.
 */
export function budgetOf({ perSecond, burst }: RateLimit): RateBudget {
  const sliceMs = Math.min(sliceMaxMs, ((burst - 1) / perSecond) * 1_000)
  const tokensPerSlice = (perSecond * sliceMs) / 1_000
  return {
    perSecond,
    capacity: burst - tokensPerSlice,
    sliceMs,
    sliceTokensMax: Math.max(1, Math.floor(tokensPerSlice)),
  }
}
