import type { Pool } from 'pg'
import type { Logger } from '../../contract/logger.ts'
import type { StoreProfile } from '../../domain/store.ts'
import { trackNumbers } from '../../store-day/track-numbers.ts'
import { type Repeated, repeat } from './repeat.ts'

/** Longest time until a missing number is seen. */
const everyMs = 1_000
/** Of a backlog read at once; fewer are there when it has come to the end, and the next ones gather. */
const eventsMax = 2_000

/** Background work of the hub: follows the numbers of the tills. */
export function startScheduler(
  pool: Pool,
  profileOf: (businessUnitId: string) => StoreProfile,
  logger: Logger,
): Repeated {
  return repeat(async () => {
    try {
      const read = await trackNumbers(pool, profileOf, eventsMax)
      if (read === eventsMax) return 0
    } catch (error) {
      logger.warn({ error: String(error) }, 'till numbers could not be followed')
    }
    return everyMs
  })
}
