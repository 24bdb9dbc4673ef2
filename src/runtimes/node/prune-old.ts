import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { pruneSteps } from '../../delivery/prune-steps.ts'

const everyMs = 600_000
/** A short transaction each: a long one would hold the readers of the journal back. */
const stepsMax = 1_000
const pauseMs = 50

/** Lets go of what nobody will ask for again. Several hubs may do it at once. */
export function startPruning(pool: Pool, stepsKeptMs: number, logger: Logger): { stop(): Promise<void> } {
  const stopped = new AbortController()
  const run = async () => {
    while (!stopped.signal.aborted) {
      let pruned = 0
      try {
        pruned = await pruneSteps(pool, stepsKeptMs, stepsMax)
      } catch (error) {
        logger.warn({ error: String(error) }, 'old steps of deliveries could not be deleted')
      }
      await systemClock.sleep(pruned === stepsMax ? pauseMs : everyMs, stopped.signal)
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
