import type { Pool } from 'pg'
import type { Bench } from '../bench/bench.ts'
import { findDoubled, findMissing } from '../bench/checker.ts'
import { createClient } from '../bench/client.ts'
import { openOwnServer } from '../bench/database.ts'
import { countSettled, isSettled } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import type { Program } from '../bench/program.ts'
import { startTills } from '../bench/tills.ts'
import { comesToAnEnd, mustCome, sleep } from '../bench/wait.ts'
import { openWitness } from '../bench/witness.ts'
import type { Invariant } from './invariant.ts'

type Victim = 'api' | 'delivery' | 'database'

interface Attack {
  kills: number
  victims: readonly Victim[]
  /** Of the server; `false`: the database says yes before it has written. */
  synchronousCommit: boolean
}

/** Six tills sell while the API, delivery or the whole of PostgreSQL is killed with -9 at any moment. */
async function attack(bench: Bench, { kills, victims, synchronousCommit }: Attack): Promise<Figure> {
  const database = await openOwnServer(bench)
  if (!synchronousCommit) await makeUnsafe(database.pool)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const targets = [erpTarget(erp, { idempotent: true })]
  const shared = { databaseUrl: database.url, targets, settings: { evaluation: !synchronousCommit } }
  const api = await startHub(bench, { ...shared, name: 'api', roles: ['api'] })
  const delivery = await startHub(bench, { ...shared, name: 'delivery', roles: ['delivery'] })
  const token = await createBenchToken(database.pool)
  const witness = await openWitness(bench)
  const client = createClient(bench, { address: api.ready.address ?? '', token })
  const tills = startTills({ client, witness, tills: 6, batchSize: 20 })
  const killed = { api: 0, delivery: 0, database: 0 }
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(bench.dice.between(50, 1_500))
    // In turn, so that few kills meet everybody; the moments are the dice's.
    const victim = victims[kill % victims.length] ?? 'database'
    killed[victim] += 1
    if (victim === 'database') await database.kill()
    else await killAndStart(victim === 'api' ? api : delivery)
    // What is lost is lost: a control has shown what it is for.
    if (!synchronousCommit && (await findLost(database.pool, await witness.all())).length > 0) break
  }
  await tills.close()
  const told = await witness.all()
  const lost = (await findLost(database.pool, told)).length
  if (lost > 0)
    return makeFigure({ ...describe(told.length, killed), broken: { 'acknowledged receipts are lost': true } })

  const settled = await comesToAnEnd(
    () => isSettled(database, 1),
    () => countSettled(database),
    60_000,
  )
  const { rows } = await database.pool.query<{ n: number }>(
    'select count(*)::int as n from (select from journal_events group by subject having count(*) > 1) as twice',
  )
  const effects = (await erp.effects()).map((effect) => effect.reference)
  const keys = told.map((one) => one.transactionKey)
  const missing = findMissing(keys, effects).length
  const doubled = findDoubled(effects).length + (rows[0]?.n ?? 0)
  const { runs, text } = describe(told.length, killed)
  return makeFigure({
    runs,
    text: `${text}, ${missing} missing at the target, ${doubled} doubled; ${tills.retries()} uploads repeated`,
    broken: {
      'acknowledged receipts did not reach the target': missing > 0,
      'receipts are doubled': doubled > 0,
      'delivery did not come to its end': !settled,
    },
    blind: { 'no till noticed a kill': tills.retries() === 0 },
  })
}

function describe(acknowledged: number, killed: Record<Victim, number>): { runs: number; text: string } {
  const { api, delivery, database } = killed
  const runs = api + delivery + database
  return {
    runs,
    text: `${acknowledged} acknowledged under ${runs} kills (API ${api}, delivery ${delivery}, PostgreSQL ${database})`,
  }
}

async function findLost(pool: Pool, told: readonly { transactionId: string }[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('select transaction_id as id from transactions')
  return findMissing(
    told.map((one) => one.transactionId),
    rows.map((row) => row.id),
  )
}

/** Until the database is back a hub cannot start. */
async function killAndStart(program: Program): Promise<void> {
  await program.kill()
  await mustCome(`the return of ${program.name}`, () => program.start().then(() => true), 90_000, 200)
}

/** Commits are answered from memory, and written up to ten seconds later. */
async function makeUnsafe(pool: Pool): Promise<void> {
  await pool.query('alter system set synchronous_commit = off')
  await pool.query("alter system set wal_writer_delay = '10s'")
  await pool.query('select pg_reload_conf()')
}

export const nothingLost: Invariant = {
  id: 'I1',
  promise: 'An acknowledged receipt is never lost, whatever is killed',
  controlBreaks: ['acknowledged receipts are lost'],
  run: (bench) =>
    attack(bench, {
      kills: bench.choose({ quick: 6, nightly: 200 }),
      victims: ['api', 'delivery', 'database'],
      synchronousCommit: true,
    }),
  control: (bench) => attack(bench, { kills: 12, victims: ['database'], synchronousCommit: false }),
}
