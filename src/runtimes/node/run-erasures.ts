import { systemClock } from '../../contract/clock.ts'
import { continueErasures } from '../../privacy/erasure/erase.ts'
import type { ErasureHouse } from '../../privacy/erasure/house.ts'

const everyMs = 10_000

/** Goes on with erasures that somebody began, until all have come to their end. Several hubs may do it at once. */
export function startErasures(house: ErasureHouse): { stop(): Promise<void> } {
  const stopped = new AbortController()
  const run = async () => {
    while (!stopped.signal.aborted) {
      await continueErasures(house).catch((error: unknown) =>
        house.logger.warn({ error: String(error) }, 'an erasure could not be continued'),
      )
      await systemClock.sleep(everyMs, stopped.signal)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}
