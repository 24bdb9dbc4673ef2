import type { Logger } from '../../contract/logger.ts'
import { isProcessRunning, type ProcessIdentity } from '../process-identity.ts'

/** An adopted server is not our child and cannot be waited for, so all are looked at in the same way. */
const lookIntervalMs = 100
const relaunchDelayMinMs = 100
const relaunchDelayMaxMs = 5_000

export interface Supervision {
  process(): ProcessIdentity
  /** Ends the supervision, waits for a relaunch that is under way, and answers the process that is left to be stopped. */
  end(): Promise<ProcessIdentity>
}

/**
 * Starts a server that died again, for as long as it takes: nothing can be recorded without it, and its own recovery
 * restores everything that was committed.
 */
export function supervisePostmaster(options: {
  process: ProcessIdentity
  relaunch: (signal: AbortSignal) => Promise<ProcessIdentity>
  onRelaunched: (process: ProcessIdentity) => Promise<void>
  logger: Logger
}): Supervision {
  const { relaunch, onRelaunched, logger } = options
  const ended = new AbortController()
  let current = options.process

  const watch = async () => {
    let failures = 0
    while (!ended.signal.aborted) {
      await sleepUnref(failures === 0 ? lookIntervalMs : relaunchDelayMs(failures), ended.signal)
      if (ended.signal.aborted || isProcessRunning(current)) continue
      if (failures === 0) logger.error({ pid: current.pid }, 'The embedded PostgreSQL died; starting it again')
      try {
        current = await relaunch(ended.signal)
        await onRelaunched(current)
        failures = 0
        logger.warn({ pid: current.pid }, 'The embedded PostgreSQL runs again')
      } catch (error) {
        failures += 1
        logger.error({ err: error, failures }, 'The embedded PostgreSQL could not be started again; trying further')
      }
    }
  }
  const watching = watch()

  return {
    process: () => current,
    async end() {
      ended.abort()
      await watching
      return current
    },
  }
}

function relaunchDelayMs(failures: number): number {
  return Math.min(relaunchDelayMaxMs, relaunchDelayMinMs * 2 ** failures)
}

/** Does not keep the process alive: watching the server is no reason to go on running. */
function sleepUnref(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, durationMs)
    timer.unref()
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
