import type { Pool } from 'pg'
import { busChannel } from './queries.ts'

/** Between two wake-ups; NOTIFY takes a lock that serialises commits, so it is not sent with every one of them. */
const everyMs = 20

/** Tells consumers that there is something new, at most fifty times a second. */
export class WakeUp {
  readonly #pool: Pool
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<unknown> = Promise.resolve()

  constructor(pool: Pool) {
    this.#pool = pool
  }

  send(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      // A wake-up that does not arrive is made good by the polling floor.
      this.#sending = this.#pool.query(`notify ${busChannel}`).catch(() => {})
    }, everyMs)
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#sending
  }
}
