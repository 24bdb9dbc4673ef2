import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Profile } from './bench/bench.ts'
import type { Invariant } from './invariants/invariant.ts'
import { type Attempt, type Half, halves, judge, provesNothing } from './judge.ts'
import type { Verdict } from './report.ts'

export interface LaneOptions {
  profile: Profile
  seed: number
  directory: string
}

/**
 * A process of its own, with a PostgreSQL of its own, that makes one attack after the other: so none holds up another's proxies,
 * clients and transactions.
 */
export interface Lane {
  attempt(invariant: Invariant, half: Half): Promise<Attempt>
  stop(): Promise<void>
}

/** What a lane is asked for. */
export interface Asked {
  id: string
  half: Half
}

const script = join(import.meta.dirname, 'lane.ts')

export function openLane(options: LaneOptions): Lane {
  const child = fork(script, [JSON.stringify(options)], { stdio: ['ignore', 2, 2, 'ipc'] })
  const exited = once(child, 'exit')
  return {
    attempt: ({ id }, half) =>
      Promise.race([ask(child, { id, half }), exited.then(() => undefined)]).then(
        // What ended without a word has proved nothing.
        (made) => made ?? { figure: provesNothing('the bench itself ended'), seconds: 0 },
      ),
    stop: async () => {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

async function ask(child: ChildProcess, asked: Asked): Promise<Attempt | undefined> {
  if (!child.connected) return undefined
  child.send(asked)
  const [made] = (await once(child, 'message')) as [Attempt]
  return made
}

/**
 * Judges all of them in these lanes: at first what waits long, so that others are attacked meanwhile, and at the end those that must be
 * `alone`; the verdicts are in the order of `invariants`.
 */
export async function judgeInLanes(
  invariants: readonly Invariant[],
  profile: Profile,
  lanes: readonly Lane[],
): Promise<Verdict[]> {
  const made = new Map<string, Attempt>()
  const work = async (lane: Lane, queue: [Invariant, Half][]) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [invariant, half] = next
      made.set(`${invariant.id} ${half}`, await lane.attempt(invariant, half))
    }
  }
  const halvesOf = (some: readonly Invariant[]) =>
    some.flatMap((one) => halves.map((half): [Invariant, Half] => [one, half]))
  const together = invariants.filter((one) => !one.alone)
  const queue = halvesOf([...together.filter((one) => one.waitsLong), ...together.filter((one) => !one.waitsLong)])
  await Promise.all(lanes.map((lane) => work(lane, queue)))
  const alone = halvesOf(invariants.filter((one) => one.alone))
  for (const lane of lanes.slice(0, 1)) await work(lane, alone)
  return invariants.flatMap((one) => {
    const [run, control] = halves.map((half) => made.get(`${one.id} ${half}`))
    return run && control ? [judge(one, profile, { run, control })] : []
  })
}
