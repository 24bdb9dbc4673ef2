import { setTimeout as sleep } from 'node:timers/promises'
import { toBusFailure } from './failure.ts'

const firstDelayMs = 100
const lastDelayMs = 1_000

/** The pause before the next try: longer each time, and never the same for two clients that lost the same broker. */
export function retryDelayMs(attempt: number): number {
  const delay = Math.min(firstDelayMs * 2 ** Math.min(attempt, 10), lastDelayMs)
  return delay * (0.75 + Math.random() / 2)
}

/** Does something again until it succeeds, fails for good, or the time is over. Throws a `BusFailure`. */
export async function retryUntil<Result>(
  options: { doing: string; maxMs: number; isClosed: () => boolean },
  work: () => Promise<Result>,
): Promise<Result> {
  const deadline = Date.now() + options.maxMs
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      const failure = toBusFailure(error, options.doing)
      const delayMs = retryDelayMs(attempt)
      if (!failure.isTransient || options.isClosed() || Date.now() + delayMs > deadline) throw failure
      await sleep(delayMs)
    }
  }
}
