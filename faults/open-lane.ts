import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Profile } from './bench/bench.ts'
import type { Invariant } from './invariants/invariant.ts'
import type { Verdict } from './report.ts'

export interface LaneOptions {
  profile: Profile
  seed: number
  directory: string
}

/**
 * A process of its own, with a PostgreSQL of its own, that judges one invariant after the other: so no attack holds up another's
 * proxies, clients and transactions.
 */
export interface Lane {
  judge(invariant: Invariant): Promise<Verdict>
  stop(): Promise<void>
}

const script = join(import.meta.dirname, 'lane.ts')

export function openLane(options: LaneOptions): Lane {
  const child = fork(script, [JSON.stringify(options)], { stdio: ['ignore', 2, 2, 'ipc'] })
  const exited = once(child, 'exit')
  return {
    judge: (invariant) =>
      Promise.race([ask(child, invariant.id), exited.then(() => undefined)]).then(
        (verdict) => verdict ?? noVerdict(invariant),
      ),
    stop: async () => {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

async function ask(child: ChildProcess, id: string): Promise<Verdict | undefined> {
  if (!child.connected) return undefined
  child.send(id)
  const [verdict] = (await once(child, 'message')) as [Verdict]
  return verdict
}

/** What ended without a word has proved nothing. */
function noVerdict({ id, promise }: Invariant): Verdict {
  return { id, promise, runs: 0, figure: 'the bench itself ended', kept: false, negativeControlCaught: false }
}

/** Judges all of them in these lanes, those that must be `alone` at the end; the verdicts are in the order of `invariants`. */
export async function judgeInLanes(invariants: readonly Invariant[], lanes: readonly Lane[]): Promise<Verdict[]> {
  const verdicts = new Map<string, Verdict>()
  const work = async (lane: Lane, queue: Invariant[]) => {
    for (let next = queue.shift(); next; next = queue.shift()) verdicts.set(next.id, await lane.judge(next))
  }
  const together = invariants.filter((one) => !one.alone)
  await Promise.all(lanes.map((lane) => work(lane, together)))
  const alone = invariants.filter((one) => one.alone)
  for (const lane of lanes.slice(0, 1)) await work(lane, alone)
  return invariants.flatMap((one) => verdicts.get(one.id) ?? [])
}
