import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { pruneMembers, pruneMessages } from './queries.ts'

const everyDefaultMs = 60_000
/** Of each partition in one statement: short transactions, since a long one holds readers back. */
const limit = 1_000
const memberUnseenMs = 24 * 3_600_000

/** Deletes what the retention of its topic no longer asks for, and members that died, every minute. Several processes may do so: one deletes a row. */
export function startPruning(pool: Pool, logger: Logger, everyMs = everyDefaultMs): { stop(): Promise<void> } {
  const stopped = new AbortController()
  const run = async () => {
    while (!stopped.signal.aborted) {
      await systemClock.sleep(everyMs, stopped.signal)
      try {
        await pruneMembers(pool, memberUnseenMs)
        while (!stopped.signal.aborted && (await pruneMessages(pool, limit)) > 0);
      } catch (error) {
        logger.warn({ error: String(error) }, 'old messages and members of the bus could not be deleted')
      }
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
