import { BusFailure } from '../../contract/bus.ts'
import type { Clock } from '../../contract/clock.ts'

/**
 * Waits for a broker no longer than `timeoutMs`, nor after the lead is over; rejects then. What does not end may be done all the
 * same, later.
 */
export async function inTime(
  work: Promise<void>,
  { clock, timeoutMs, signal }: { clock: Clock; timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const over = new AbortController()
  const tooLate = clock.sleep(timeoutMs, AbortSignal.any([over.signal, signal])).then(() => {
    if (signal.aborted) throw new BusFailure('the lead was over before the broker confirmed', { isTransient: true })
    if (!over.signal.aborted)
      throw new BusFailure(`the broker did not confirm within ${timeoutMs} ms`, { isTransient: true })
  })
  try {
    await Promise.race([work, tooLate])
  } finally {
    over.abort()
  }
}
