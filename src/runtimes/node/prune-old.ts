import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { pruneSteps } from '../../delivery/prune-steps.ts'
import { prunePlans } from '../../delivery/replay/prune-plans.ts'
import { planKeptMs } from '../../delivery/replay/replay.ts'

const everyMs = 600_000
/** A short transaction each: a long one would hold the readers of the journal back. */
const rowsMax = 1_000
const pauseMs = 50

/** Lets go of what nobody will ask for again. Several hubs may do it at once. */
export function startPruning(pool: Pool, stepsKeptMs: number, logger: Logger): { stop(): Promise<void> } {
  const stopped = new AbortController()
  const works: [string, () => Promise<number>][] = [
    ['old steps of deliveries', () => pruneSteps(pool, stepsKeptMs, rowsMax)],
    ['old plans of replays', () => prunePlans(pool, planKeptMs, rowsMax)],
  ]
  const run = async () => {
    while (!stopped.signal.aborted) {
      let isMore = false
      for (const [what, prune] of works) {
        try {
          isMore = (await prune()) === rowsMax || isMore
        } catch (error) {
          logger.warn({ error: String(error) }, `${what} could not be deleted`)
        }
      }
      await systemClock.sleep(isMore ? pauseMs : everyMs, stopped.signal)
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
