import { setTimeout as sleep } from 'node:timers/promises'
import { BusFailure } from '../../contract/bus.ts'
import { toBusFailure } from './failure.ts'

const firstDelayMs = 100
const lastDelayMs = 1_000

/** The pause before the next try: longer each time, and never the same for two clients that lost the same broker. */
export function retryDelayMs(attempt: number): number {
  const delay = Math.min(firstDelayMs * 2 ** Math.min(attempt, 10), lastDelayMs)
  return delay * (0.75 + Math.random() / 2)
}

/**
 * Does something again until it succeeds, fails for good, the time is over or the bus is closed, which does not wait for an attempt on
 * its way. Throws a `BusFailure`.
 */
export async function retryUntil<Result>(
  options: { doing: string; maxMs: number; closing: AbortSignal },
  work: () => Promise<Result>,
): Promise<Result> {
  const { doing, maxMs, closing } = options
  const deadline = Date.now() + maxMs
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await unlessClosed(closing, work)
    } catch (error) {
      const failure = toBusFailure(error, doing)
      const delayMs = retryDelayMs(attempt)
      if (!failure.isTransient || closing.aborted || Date.now() + delayMs > deadline) throw failure
      await sleep(delayMs, undefined, { signal: closing }).catch(() => {})
    }
  }
}

/** Does something and waits for it until the signal aborts: what a broker that hangs would answer late is not waited for. */
export async function unlessClosed<Result>(closing: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  const { promise: closed, reject } = Promise.withResolvers<never>()
  const end = () => reject(new BusFailure('Kafka: the bus is closed', { isTransient: false }))
  if (closing.aborted) end()
  closing.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([closed, closing.aborted ? closed : work()])
  } finally {
    closing.removeEventListener('abort', end)
  }
}
