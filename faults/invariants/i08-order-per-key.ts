import { join } from 'node:path'
import type { Bench } from '../bench/bench.ts'
import { findInversions, findMissing, placeOf } from '../bench/checker.ts'
import { type BenchDatabase, openDatabase } from '../bench/database.ts'
import { deliverAll } from '../bench/deliver.ts'
import { type Erp, erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { Program } from '../bench/program.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { recordAll } from '../bench/record.ts'
import { comesTrue, sleep } from '../bench/wait.ts'
import type { Invariant } from './invariant.ts'

const keys = 50
const naiveScript = join(import.meta.dirname, '../controls/naive-worker.ts')

/** Delivers everything, killing processes meanwhile; returns the kills, and whether all came to an end. */
type Deliver = (
  bench: Bench,
  database: BenchDatabase,
  erps: readonly Erp[],
) => Promise<{ kills: number; settled: boolean }>

/** Two targets of which each refuses a tenth for now and loses some answers, four workers for each in two processes. */
async function attack(bench: Bench, perKey: number, deliver: Deliver): Promise<Figure> {
  const database = await openDatabase(bench)
  const receipts = salesOfTills(keys, perKey)
  await recordAll(database.pool, receipts)
  const faults = { errorRate: 0.1, answerLostRate: 0.02 }
  const erps = await Promise.all(['erp-a', 'erp-b'].map((name) => startErp(bench, { name, idempotent: true, faults })))
  const { kills, settled } = await deliver(bench, database, erps)
  let inversions = 0
  let missing = 0
  for (const erp of erps) {
    const references = (await erp.effects()).map((effect) => effect.reference)
    inversions += findInversions(references.map(placeOf)).length
    missing += findMissing(
      receipts.map((receipt) => `till:9/${receipt.workstationId}/-/${receipt.sequenceNumber}`),
      references,
    ).length
  }
  return makeFigure({
    runs: receipts.length * erps.length,
    text: `${keys} keys x ${perKey} events x ${erps.length} targets, ${kills} kills: ${inversions} out of order, ${missing} missing`,
    broken: {
      'events came out of the order of their key': inversions > 0,
      'events are missing': missing > 0,
      'delivery did not come to its end': !settled,
    },
    blind: { 'nobody was killed': kills === 0 },
  })
}

const deliverInLanes: Deliver = (bench, database, erps) =>
  deliverAll(bench, {
    database,
    targets: erps.map((erp) => erpTarget(erp, { idempotent: true })),
    processes: 2,
    kills: bench.choose({
      quick: { count: 3, fromMs: 600, toMs: 1_400 },
      nightly: { count: 60, fromMs: 1_500, toMs: 2_500 },
    }),
    standstillMaxMs: 60_000,
  })

/** Rows instead of keys are claimed, as one finds it in tutorials. */
const deliverWithSkipLocked: Deliver = async (bench, { pool, url }, erps) => {
  await pool.query('create table naive_queue (target int, place bigint, event json, primary key (target, place))')
  await pool.query(
    `insert into naive_queue select target, row_number() over (partition by target order by xid, position),
       json_build_object('eventId', event_id, 'type', event_type, 'subject', subject, 'orderingKey', ordering_key,
         'recordedAt', recorded_at, 'transaction', data -> 'transaction')
     from journal_events cross join generate_series(0, $1 - 1) as target`,
    [erps.length],
  )
  const args = [naiveScript, url, ...erps.map((erp) => erp.url)]
  const workers = ['naive-1', 'naive-2'].map((name) => new Program(bench, { name, args }))
  await Promise.all(workers.map((worker) => worker.start()))
  await sleep(1_000)
  const victim = bench.dice.pick(workers)
  await victim.kill()
  await victim.start()
  const isEmpty = async () => (await pool.query('select from naive_queue limit 1')).rowCount === 0
  return { kills: 1, settled: await comesTrue(isEmpty, 60_000) }
}

export const orderPerKey: Invariant = {
  id: 'I8',
  promise: 'The events of a till reach each target in their order, across failures, kills and processes',
  controlBreaks: ['events came out of the order of their key'],
  run: (bench) => attack(bench, bench.choose({ quick: 40, nightly: 2_000 }), deliverInLanes),
  control: (bench) => attack(bench, 40, deliverWithSkipLocked),
}
