import type { Bench } from '../bench/bench.ts'
import { type BenchDatabase, openOwnServer } from '../bench/database.ts'
import { startDeliveryProcesses } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { startHub } from '../bench/hub.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { recordAll } from '../bench/record.ts'
import { comesTrue, measureSlowness, mustCome } from '../bench/wait.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const leaseMs = 2_000
/** After the end of the lease, until the first event of a dead worker's shards. */
const takenOverWithinMs = 2_000
const allWithinMs = 60_000
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
  const firstWithinMs = leaseMs + takenOverWithinMs * slowness
  const firstMs: number[] = []
  const allMs: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await mustCome('sharing of the leases', () => sharesLeases(database), 30_000)
    const victim = workers[round % workers.length]
    if (!victim) break
    const killedAt = performance.now()
    await victim.kill()
    // For the shards of both: what the dead one held must come too.
    await recordAll(database.pool, salesOfTills(tills, 1, round + 1))
    const before = round * tills
    const half = async () => (await erp.effects()).length > before + tills * 0.75
    const took = await comesTrue(half, firstWithinMs, 20)
    firstMs.push(took ? performance.now() - killedAt : Number.POSITIVE_INFINITY)
    const done = await comesTrue(
      async () => (await erp.effects()).length === before + tills,
      took ? allWithinMs : 1_000,
    )
    allMs.push(done ? performance.now() - killedAt : Number.POSITIVE_INFINITY)
    if (!done) break
    await victim.start()
  }
  const [apiMs, databaseMs] = await restartTheRest(bench, database, slowness)
  const inMs = (value: number) => (Number.isFinite(value) ? `${Math.round(value)} ms` : 'never')
  return makeFigure({
    runs: firstMs.length,
    text: `${firstMs.length} kills: the first of a dead worker's events after ${inMs(Math.max(...firstMs))}, all after ${inMs(Math.max(...allMs))} at most; API ready in ${inMs(apiMs)}, PostgreSQL back in ${inMs(databaseMs)}${slowness > 1 ? `; the machine is ${slowness.toFixed(1)} times slower than an idle one` : ''}`,
    broken: {
      'leases of a dead worker were not taken over in time': Math.max(...firstMs) > firstWithinMs,
      'not everything arrived in time': Math.max(...allMs) > allWithinMs,
      'the API was not ready in time': apiMs > apiReadyWithinMs * slowness,
      'the database was not back in time': databaseMs > databaseBackWithinMs * slowness,
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

/** Kills an API and then PostgreSQL; how long each was away. */
async function restartTheRest(
  bench: Bench,
  database: BenchDatabase & { kill(): Promise<void> },
  slowness: number,
): Promise<[apiMs: number, databaseMs: number]> {
  const api = await startHub(bench, { name: 'api', databaseUrl: database.url, roles: ['api'] })
  await api.kill()
  const startedAt = performance.now()
  await api.start()
  const isReady = async () => (await fetch(`${api.ready.address}/readyz`)).ok
  const ready = await comesTrue(isReady, apiReadyWithinMs * slowness, 20)
  const apiMs = ready ? performance.now() - startedAt : Number.POSITIVE_INFINITY
  const killedAt = performance.now()
  await database.kill()
  const back = await comesTrue(isReady, databaseBackWithinMs * slowness, 20)
  return [apiMs, back ? performance.now() - killedAt : Number.POSITIVE_INFINITY]
}

export const recovery: Invariant = {
  id: 'I12',
  promise: "After kill -9 the others have a dead worker's events within its lease and two seconds",
  controlBreaks: ['leases of a dead worker were not taken over in time'],
  alone: true,
  run: (bench) => attack(bench, bench.choose({ quick: 2, nightly: 50 })),
  control: (bench) => attack(bench, 1, 'long-lock'),
}
