import type { Clock } from '../../contract/clock.ts'

/** `Date` has whole seconds, and a line takes its time. */
const toleranceMs = 5_000

/** A till's clock, put right by what the hub says in `Date`; receipts keep the till's own. */
export class CorrectedClock {
  readonly #clock: Clock
  #offsetMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now() + this.#offsetMs
  }

  /** True: it was wrong, and is right now. */
  learn(date: unknown): boolean {
    const hubMs = typeof date === 'string' ? Date.parse(date) : Number.NaN
    if (Number.isNaN(hubMs) || Math.abs(hubMs - this.now()) <= toleranceMs) return false
    this.#offsetMs = hubMs - this.#clock.now()
    return true
  }
}
