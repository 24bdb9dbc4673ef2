import { systemClock } from '../../contract/clock.ts'

export interface Repeated {
  /** Ends it after the work that is on its way. */
  stop(): Promise<void>
}

/**
 * Works again and again until it is stopped. The work says how many milliseconds it rests afterwards, 0: not at all. It handles its own
 * errors, and may look at the signal where it takes long.
 */
export function repeat(work: (stopped: AbortSignal) => Promise<number>): Repeated {
  const stopping = new AbortController()
  const run = async () => {
    while (!stopping.signal.aborted) {
      const restMs = await work(stopping.signal)
      if (restMs > 0) await systemClock.sleep(restMs, stopping.signal)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
