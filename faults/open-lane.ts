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
  let running = startProcess(options)
  let isStopped = false
  return {
    attempt: async ({ id }, half) => {
      // An attack that ended its process does not end those that come after it.
      if (hasEnded(running.child) && !isStopped) running = startProcess(options)
      const made = await Promise.race([ask(running.child, { id, half }), running.exited.then(() => undefined)])
      // What ended without a word has proved nothing.
      return made ?? { figure: provesNothing('the bench itself ended'), seconds: 0 }
    },
    stop: async () => {
      isStopped = true
      if (running.child.connected) running.child.disconnect()
      await running.exited
    },
  }
}

function startProcess(options: LaneOptions): { child: ChildProcess; exited: Promise<unknown> } {
  const child = fork(script, [JSON.stringify(options)], { stdio: ['ignore', 2, 2, 'ipc'] })
  return { child, exited: once(child, 'exit') }
}

function hasEnded({ exitCode, signalCode, connected }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || !connected
}

async function ask(child: ChildProcess, asked: Asked): Promise<Attempt | undefined> {
  if (hasEnded(child)) return undefined
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
