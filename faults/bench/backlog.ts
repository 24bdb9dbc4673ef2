import { countUnsealed, readChainEnd } from '../../src/audit/seal/seal.ts'
import type { MutantName } from '../controls/mutants.ts'
import { type Appended, appendingTills, appendSales } from './append.ts'
import type { Bench } from './bench.ts'
import { type Client, createClient } from './client.ts'
import { type BenchDatabase, openDatabase } from './database.ts'
import { type Erp, erpTarget, startErp } from './erp.ts'
import { createBenchToken, startHub } from './hub.ts'
import { startMachineTime } from './machine-time.ts'
import type { Program } from './program.ts'
import { comesTrue, mustCome } from './wait.ts'

/**
 * A collector that has room leaves garbage lying about, on a machine with much memory more than 100 MiB, which looks like growth. The old
 * generation keeps its room: where it has none, a process collects all the time instead of delivering.
 */
const youngMaxMebibytes = 8
/** Events that are ahead of delivery in the clean run: enough that it never waits, too few to be a backlog. */
const aheadMax = 1_000
/** Of every till, appended in one statement. */
const numbersAtOnce = 2
/** Of every till, in one statement where the target is away. */
const filledAtOnce = 50
/** Entries of one checkpoint, as hubs have it by default. */
const sealedAtOnce = 1_000
/** A delivery that is slower than this has other troubles. */
const perSecondMin = 100

/** A hub of three processes before a target that can be away. */
export interface Scene {
  database: BenchDatabase
  erp: Erp
  client: Client
  programs: readonly Program[]
  /** Starts to measure the time for which the bench has the machine; in seconds. */
  machineTime(): () => number
}

export async function openScene(bench: Bench, mutant?: MutantName): Promise<Scene> {
  const database = await openDatabase(bench)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const targets = [erpTarget(erp, { idempotent: true })]
  const shared = { databaseUrl: database.url, targets, mutant, youngMaxMebibytes }
  const api = await startHub(bench, { ...shared, name: 'api', roles: ['api'] })
  const delivery = await startHub(bench, { ...shared, name: 'delivery', roles: ['delivery'] })
  const scheduler = await startHub(bench, { ...shared, mutant: undefined, name: 'scheduler', roles: ['scheduler'] })
  const token = await createBenchToken(database.pool)
  const client = createClient(bench, { address: api.ready.address ?? '', token })
  const { processId = 0 } = await bench.sharedServer()
  const machineTime = () => startMachineTime([process.pid, processId])
  return { database, erp, client, programs: [api, delivery, scheduler], machineTime }
}

/** Waits until the target has booked so many documents, for as long as they can take. */
export async function booked({ erp, programs }: Scene, wanted: number, events: number): Promise<boolean> {
  const died = () => programs.some((program) => !program.isRunning)
  const isThere = async () => (await erp.countEffects()) >= wanted
  await comesTrue(async () => died() || (await isThere()), 30_000 + (events * 1_000) / perSecondMin, 20)
  return isThere()
}

/** The scheduler has read the whole journal too, and sealed all but what is no checkpoint yet: what it does besides is not measured. */
async function isFollowed({ database: { pool } }: Pick<Scene, 'database'>): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from journal_cursors c where consumer = 'store-day/numbers'
       and not exists (select from journal_events e where (e.xid, e.position) > (c.xid, c.position))`,
  )
  if (rowCount === 0) return false
  const { reach } = await readChainEnd(pool)
  return (await countUnsealed(pool, reach, sealedAtOnce)).count < sealedAtOnce
}

/**
 * Events per second while so many are delivered and as many more come in, each few of them when as many have gone. What stands
 * before them in the journal makes no difference to what is done meanwhile. 0: it did not come to its end.
 */
export async function deliverWhileSelling(scene: Scene, { first, last, goodsLines }: Appended): Promise<number> {
  const events = (last - first + 1) * appendingTills
  const before = await scene.erp.countEffects()
  const seconds = scene.machineTime()
  for (let number = first; number <= last; number += numbersAtOnce) {
    const end = Math.min(last, number + numbersAtOnce - 1)
    await appendSales(scene.database.pool, { first: number, last: end, goodsLines })
    if (!(await booked(scene, before + (end - first + 1) * appendingTills - aheadMax, aheadMax))) return 0
  }
  if (!(await booked(scene, before + events, aheadMax))) return 0
  return events / seconds()
}

/** Fills the journal while the target is away. */
export async function fillUp({ database, erp }: Scene, { first, last, goodsLines }: Appended): Promise<void> {
  await erp.setFaults({ errorRate: 1 })
  for (let number = first; number <= last; number += filledAtOnce)
    await appendSales(database.pool, { first: number, last: Math.min(last, number + filledAtOnce - 1), goodsLines })
  const events = (last - first + 1) * appendingTills
  await mustCome('the scheduler', () => isFollowed({ database }), 60_000 + events)
}

/** The target takes everything again; resolves with the first document that it books. */
export async function comeBack(scene: Scene): Promise<void> {
  const before = await scene.erp.countEffects()
  await scene.erp.setFaults({})
  await mustCome('the return of the target', () => booked(scene, before + 1, 1), 60_000)
}
