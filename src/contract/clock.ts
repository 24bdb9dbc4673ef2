/** Time and waiting, so that the core runs on a fake clock in a simulation. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /** Resolves after `durationMs`, or at once when the signal aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
}

/** Numbers in [0, 1); seeded in simulations and tests. */
export interface RandomSource {
  next(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, durationMs)
      signal?.addEventListener('abort', done, { once: true })
    }),
}

export const systemRandom: RandomSource = { next: () => Math.random() }
