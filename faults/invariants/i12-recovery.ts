import { makeSale } from '../../src/testing/receipts.ts'
import type { Bench } from '../bench/bench.ts'
import { findMissing } from '../bench/checker.ts'
import { createClient } from '../bench/client.ts'
import { type BenchDatabase, openOwnServer } from '../bench/database.ts'
import { eventsIn, shardsOf, startDeliveryProcesses } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { recordAll } from '../bench/record.ts'
import { comesTrue, measureSlowness, mustCome } from '../bench/wait.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const leaseMs = 2_000
/** After the end of the lease, until all events of a dead worker's shards have arrived. */
const takenOverWithinMs = 2_000
const allWithinMs = 60_000
/** A machine that is slower than this by other work measures that work. */
const slownessMax = 3
const apiReadyWithinMs = 5_000
const databaseBackWithinMs = 10_000
const tills = 100

/** A worker that holds every lease dies; another one is there and must take over. */
async function attack(bench: Bench, rounds: number, mutant?: MutantName): Promise<Figure> {
  const database = await openOwnServer(bench)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const targets = [erpTarget(erp, { idempotent: true })]
  const settings = { deliveryLeaseMs: leaseMs, deliveryAttemptTimeoutMs: 900 }
  const workers = await startDeliveryProcesses(bench, { database, targets, processes: 2, mutant, settings })
  const slowness = await measureSlowness()
  const orphansWithinMs = leaseMs + takenOverWithinMs * slowness
  const takenOverMs: number[] = []
  let orphans = 0
  const allMs: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await mustCome('sharing of the leases', () => sharesLeases(database), 30_000)
    const victim = workers[round % workers.length]
    if (!victim) break
    const shards = await shardsOf(database, victim)
    const killedAt = performance.now()
    await victim.kill()
    const answers = await recordAll(database.pool, salesOfTills(tills, 1, round + 1))
    const orphaned = (await eventsIn(database, shards, answers)).map(({ subject }) => subject)
    orphans += orphaned.length
    const booked = async () => (await erp.effects()).map((effect) => effect.reference)
    const before = round * tills
    const took = await comesTrue(
      async () => findMissing(orphaned, await booked()).length === 0,
      orphansWithinMs - (performance.now() - killedAt),
      20,
    )
    takenOverMs.push(took ? performance.now() - killedAt : Number.POSITIVE_INFINITY)
    const done = await comesTrue(async () => (await erp.countEffects()) === before + tills, took ? allWithinMs : 1_000)
    allMs.push(done ? performance.now() - killedAt : Number.POSITIVE_INFINITY)
    if (!done) break
    await victim.start()
  }
  const [apiMs, databaseMs] = await restartTheRest(bench, database, slowness)
  const inMs = (value: number) => (Number.isFinite(value) ? `${Math.round(value)} ms` : 'never')
  return makeFigure({
    runs: takenOverMs.length,
    text: `${takenOverMs.length} kills: all ${orphans} events of dead workers after ${inMs(Math.max(...takenOverMs))}, those of the others after ${inMs(Math.max(...allMs))} at most; uploads taken again ${inMs(apiMs)} after a kill of the API, ${inMs(databaseMs)} after one of PostgreSQL${slowness > 1 ? `; the machine is ${slowness.toFixed(1)} times slower than an idle one` : ''}`,
    broken: {
      'leases of a dead worker were not taken over in time': Math.max(...takenOverMs) > orphansWithinMs,
      'not everything arrived in time': Math.max(...allMs) > allWithinMs,
      'the API took no uploads in time': apiMs > apiReadyWithinMs * slowness,
      'no uploads were taken in time after the database': databaseMs > databaseBackWithinMs * slowness,
    },
    blind: {
      'the dead workers had no events': orphans === 0,
      'the machine is too slow to measure': slowness > slownessMax,
    },
  })
}

async function sharesLeases({ pool }: BenchDatabase): Promise<boolean> {
  const { rows } = await pool.query<{ owners: number; free: number }>(
    `select count(distinct owner)::int as owners, (count(*) filter (where owner is null or lease_until < clock_timestamp()))::int as free
     from delivery_shards`,
  )
  // Two workers in each of the two processes.
  return rows[0]?.owners === 4 && rows[0].free === 0
}

/** Kills an API and then PostgreSQL; how long it took until an upload was acknowledged again. */
async function restartTheRest(
  bench: Bench,
  database: BenchDatabase & { kill(): Promise<void> },
  slowness: number,
): Promise<[apiMs: number, databaseMs: number]> {
  const api = await startHub(bench, { name: 'api', databaseUrl: database.url, roles: ['api'] })
  const token = await createBenchToken(database.pool)
  const client = createClient(bench, { address: api.ready.address ?? '', token, answerWithinMs: 1_000 })
  let number = 0
  const takes = async () => (await client.post(makeSale(++number, { workstationId: 'late' })))?.status === 201
  await api.kill()
  const startedAt = performance.now()
  await api.start()
  const ready = await comesTrue(takes, apiReadyWithinMs * slowness, 20)
  const apiMs = ready ? performance.now() - startedAt : Number.POSITIVE_INFINITY
  const killedAt = performance.now()
  await database.kill()
  const back = await comesTrue(takes, databaseBackWithinMs * slowness, 20)
  return [apiMs, back ? performance.now() - killedAt : Number.POSITIVE_INFINITY]
}

export const recovery: Invariant = {
  id: 'I12',
  promise:
    "After kill -9 the others have delivered a dead worker's events within its lease and two seconds, and uploads are taken again within seconds",
  controlBreaks: ['leases of a dead worker were not taken over in time'],
  alone: true,
  run: (bench) => attack(bench, bench.choose({ quick: 2, nightly: 50 })),
  control: (bench) => attack(bench, 1, 'long-lock'),
}
