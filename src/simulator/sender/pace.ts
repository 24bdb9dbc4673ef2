import { type Clock, systemClock } from '../../contract/clock.ts'

/** When something that happened at a simulated instant is due, `speed` times as fast as it happened. */
export class Pace {
  readonly #speed: number
  readonly #firstInstantMs: number
  readonly #clock: Clock
  readonly #startedAtMs: number

  /** `speed` undefined: as fast as possible. */
  constructor(speed: number | undefined, firstInstantMs: number, clock: Clock = systemClock) {
    this.#speed = speed ?? Number.POSITIVE_INFINITY
    this.#firstInstantMs = firstInstantMs
    this.#clock = clock
    this.#startedAtMs = clock.now()
  }

  /** How long until it is due; zero when it is or was. */
  waitMs(instantMs: number): number {
    const dueAtMs = this.#startedAtMs + (instantMs - this.#firstInstantMs) / this.#speed
    return Math.max(0, dueAtMs - this.#clock.now())
  }

  async until(instantMs: number, signal: AbortSignal): Promise<void> {
    const waitMs = this.waitMs(instantMs)
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal)
  }
}
