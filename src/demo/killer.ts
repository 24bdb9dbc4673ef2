import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../contract/clock.ts'
import { Dice } from '../simulator/retailer/dice.ts'
import type { DemoHub } from './hub.ts'

export interface Killing {
  kills: { hub: number; worker: number; database: number }
  done: Promise<void>
}

/** Kills the hub, a delivery process or the database with SIGKILL at seeded moments, so often as asked. */
export function startKilling(
  hub: DemoHub,
  hubDirectory: string,
  count: number,
  seed: number,
  signal: AbortSignal,
): Killing {
  const kills = { hub: 0, worker: 0, database: 0 }
  const dice = new Dice(seed, 99)
  const run = async () => {
    for (let done = 0; done < count && !signal.aborted; ) {
      await systemClock.sleep(dice.between(300, 1_500), signal)
      const victim = dice.pick(['hub', 'worker', 'database'] as const)
      const pid = await findPid(victim, hub, hubDirectory, dice)
      if (pid === undefined || signal.aborted) continue
      try {
        process.kill(pid, 'SIGKILL')
        kills[victim] += 1
        done += 1
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }
  return { kills, done: run() }
}

async function findPid(
  victim: 'hub' | 'worker' | 'database',
  hub: DemoHub,
  hubDirectory: string,
  dice: Dice,
): Promise<number | undefined> {
  if (victim === 'hub') return hub.child.pid
  if (victim === 'worker') {
    const workers = await childrenOf(hub.child.pid)
    return workers.length > 0 ? dice.pick(workers) : undefined
  }
  const runFile = await readFile(join(hubDirectory, 'database.json'), 'utf8').catch(() => '{}')
  return (JSON.parse(runFile) as { pid?: number }).pid
}

/** Delivery processes: children of the hub that run our program. */
async function childrenOf(pid: number | undefined): Promise<number[]> {
  if (pid === undefined) return []
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const children = text.split(' ').filter(Boolean).map(Number)
  const lines = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')))
  return children.filter((_, index) => lines[index]?.includes('delivery'))
}
