import { readTargetStatus, type TargetStatus } from '../../src/delivery/status.ts'
import type { Answer } from '../../src/intake/answer.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Bench } from './bench.ts'
import type { BenchDatabase } from './database.ts'
import { prepareHub } from './hub.ts'
import type { Program } from './program.ts'
import { comesToAnEnd, sleep } from './wait.ts'

export interface DeliveryScene {
  database: BenchDatabase
  targets: readonly object[]
  /** Delivery processes; each has two workers for every target. */
  processes: number
  mutant?: MutantName | undefined
  settings?: Record<string, unknown>
  /** A process is killed with -9 after each of these rests, and another one started. */
  kills?: { count: number; fromMs: number; toMs: number }
  /** So long nothing may come to its end before it is given up. */
  standstillMaxMs: number
}

export interface DeliveryEnd {
  status: TargetStatus[]
  kills: number
  /** Everything has come to an end: delivered, skipped, or with a person. */
  settled: boolean
}

/** Delivers what is in the journal with real processes, kills them meanwhile, and waits until nothing is on its way. */
export async function deliverAll(bench: Bench, scene: DeliveryScene): Promise<DeliveryEnd> {
  const workers = await startDeliveryProcesses(bench, scene)
  const isStill = () => isSettled(scene.database, scene.targets.length)
  let kills = 0
  const killing = (async () => {
    const { count = 0, fromMs = 0, toMs = 0 } = scene.kills ?? {}
    while (kills < count) {
      await sleep(bench.dice.between(fromMs, toMs))
      if (await isStill()) return
      const victim = bench.dice.pick(workers)
      await victim.kill()
      kills += 1
      await victim.start()
    }
  })()
  await killing
  const settled = await comesToAnEnd(isStill, () => countSettled(scene.database), scene.standstillMaxMs)
  await Promise.all(workers.map((worker) => worker.stop()))
  return { status: await readTargetStatus(scene.database.pool), kills, settled }
}

export async function startDeliveryProcesses(
  bench: Bench,
  { database, targets, processes, mutant, settings }: Omit<DeliveryScene, 'standstillMaxMs'>,
): Promise<Program[]> {
  const workers = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      prepareHub(bench, {
        name: `delivery-${index + 1}`,
        databaseUrl: database.url,
        roles: ['delivery'],
        targets,
        mutant,
        ...(settings && { settings }),
      }),
    ),
  )
  await Promise.all(workers.map((worker) => worker.start()))
  return workers
}

/** The shards whose leases a process of delivery holds. */
export async function shardsOf({ pool }: BenchDatabase, { pid }: Program): Promise<number[]> {
  // A worker's name holds the pid of its process.
  const { rows } = await pool.query<{ shard: number }>(
    "select shard from delivery_shards where owner like '%/' || $1 || '/%' and lease_until > clock_timestamp()",
    [String(pid)],
  )
  return rows.map(({ shard }) => shard)
}

/** The events of what was just recorded, as far as they lie in these shards. */
export async function eventsIn(
  { pool }: BenchDatabase,
  shards: readonly number[],
  answers: readonly Answer[],
): Promise<{ id: string; subject: string }[]> {
  const { rows } = await pool.query<{ id: string; subject: string }>(
    'select event_id as id, subject from journal_events where shard = any($1::smallint[]) and event_id = any($2::uuid[])',
    [shards, answers.flatMap((answer) => ('transactionId' in answer ? [answer.transactionId] : []))],
  )
  return rows
}

/** Whether every target has nothing pending and nothing waiting, twice in a row. */
export async function isSettled({ pool }: BenchDatabase, targetsCount: number): Promise<boolean> {
  for (let look = 0; look < 2; look += 1) {
    const status = await readTargetStatus(pool)
    if (status.length < targetsCount || status.some((one) => one.pending > 0 || one.waiting > 0)) return false
  }
  return true
}

/** Events that have come to their end, at all targets together. */
export async function countSettled({ pool }: Pick<BenchDatabase, 'pool'>): Promise<number> {
  const status = await readTargetStatus(pool)
  return status.reduce((sum, { delivered, skipped, parked }) => sum + delivered + skipped + parked, 0)
}
