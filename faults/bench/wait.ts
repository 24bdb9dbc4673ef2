import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export { sleep }

/** Waits until a condition holds, and says whether it came to that in time. A condition that throws does not hold yet. */
export async function comesTrue(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 50,
): Promise<boolean> {
  const deadline = performance.now() + withinMs
  for (;;) {
    if (
      await Promise.resolve()
        .then(condition)
        .catch(() => false)
    )
      return true
    if (performance.now() >= deadline) return false
    await sleep(everyMs)
  }
}

/** Waits until a condition holds; gives up when what is counted has not changed for so long. A count that fails then has not changed. */
export async function comesToAnEnd(
  condition: () => boolean | Promise<boolean>,
  count: () => Promise<number>,
  standstillMaxMs: number,
): Promise<boolean> {
  const countNow = () => count().catch(() => undefined)
  let last = await countNow()
  for (;;) {
    if (await comesTrue(condition, standstillMaxMs, 100)) return true
    const now = await countNow()
    if (now === undefined || now === last) return false
    last = now
  }
}

/** As `comesTrue`, for what the bench itself needs: it cannot go on without. */
export async function mustCome(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs?: number,
): Promise<void> {
  if (!(await comesTrue(condition, withinMs, everyMs))) throw new Error(`${what} took longer than ${withinMs} ms`)
}

/** What starting an empty program takes on two cores that have nothing else to do, with room to spare. */
const emptyProgramMs = 150

/**
 * How much slower than it should be this machine is at the moment, at least 1: limits in seconds are promised for a machine that is not
 * busy with something else.
 */
export async function measureSlowness(): Promise<number> {
  const startedAt = performance.now()
  for (let start = 0; start < 3; start += 1) await once(spawn(process.execPath, ['-e', '']), 'exit')
  return Math.max(1, (performance.now() - startedAt) / 3 / emptyProgramMs)
}
