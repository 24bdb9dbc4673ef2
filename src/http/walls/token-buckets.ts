/** How many a bucket lets through: at a steady rate, and some at once after a rest. */
export interface BucketOptions {
  ratePerSecond: number
  burst: number
  /** Buckets that are remembered; one that is forgotten is full again. */
  keysMax: number
}

/** What became of one request. */
export interface Taken {
  allowed: boolean
  /** Requests that would be let through now. */
  remaining: number
  /** Until the next one is let through, 0 where one is now. */
  waitMs: number
}

/**
 * A token bucket for each key, as one number: the time at which it will be full again (the generic cell rate algorithm of ATM).
 * A full bucket is as good as none, so only keys that were just used take memory.
 */
export class TokenBuckets {
  readonly #options: BucketOptions
  readonly #fullAtMs = new Map<string, number>()

  constructor(options: BucketOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#fullAtMs.size
  }

  /** How it stands, without taking. */
  look(key: string, nowMs: number): Taken {
    const fillMs = this.#fillMs(key, nowMs)
    const { burst } = this.#options
    const remaining = Math.max(0, Math.floor(burst - fillMs / this.#perTokenMs))
    const waitMs = Math.max(0, fillMs - (burst - 1) * this.#perTokenMs)
    return { allowed: remaining >= 1, remaining, waitMs }
  }

  /** Takes one where there is one. A request that is refused costs nothing: whoever asks too early does not wait longer for it. */
  take(key: string, nowMs: number): Taken {
    if (!this.look(key, nowMs).allowed) return this.look(key, nowMs)
    const fillMs = this.#fillMs(key, nowMs)
    if (!this.#fullAtMs.has(key)) this.#makeRoom(nowMs)
    this.#fullAtMs.set(key, nowMs + fillMs + this.#perTokenMs)
    return { ...this.look(key, nowMs), allowed: true }
  }

  get #perTokenMs(): number {
    return 1_000 / this.#options.ratePerSecond
  }

  /** Time until the bucket is full. A clock that was put back does not lock anybody out. */
  #fillMs(key: string, nowMs: number): number {
    const fillMs = (this.#fullAtMs.get(key) ?? nowMs) - nowMs
    return Math.min(Math.max(0, fillMs), this.#options.burst * this.#perTokenMs)
  }

  /** Forgets the full ones; where none is, the one that was first used longest ago. */
  #makeRoom(nowMs: number): void {
    if (this.#fullAtMs.size < this.#options.keysMax) return
    for (const [key, fullAtMs] of this.#fullAtMs) if (fullAtMs <= nowMs) this.#fullAtMs.delete(key)
    const [oldest] = this.#fullAtMs.keys()
    if (oldest !== undefined && this.#fullAtMs.size >= this.#options.keysMax) this.#fullAtMs.delete(oldest)
  }
}
