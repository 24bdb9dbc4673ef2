import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import type { Dice } from '../../src/simulator/retailer/dice.ts'
import { planStores } from '../../src/simulator/retailer/store-plan.ts'
import { simulateTillDay } from '../../src/simulator/retailer/till-day.ts'
import { trackNumbers } from '../../src/store-day/track-numbers.ts'
import { testStore } from '../../src/testing/receipts.ts'
import type { Bench } from '../bench/bench.ts'
import { openDatabase } from '../bench/database.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { recordAll } from '../bench/record.ts'
import { mutants } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const tills = 3
const receiptsEach = 40
const doubledShare = 0.3
const contradictedShare = 0.05
const forgottenShare = 0.03
const businessDayDate = '2026-03-02'

/** A day of a store as its tills wrote it, some numbers never uploaded. */
function makeDay(seed: number, dice: Dice): Transaction[] {
  const [plan] = planStores(1, tills)
  if (!plan) throw new Error('one store was asked for')
  const all = plan.workstationIds.flatMap((workstationId) => [
    ...simulateTillDay({
      plan,
      workstationId,
      businessDayDate,
      receiptsCount: receiptsEach,
      firstSequenceNumber: 1,
      seed,
    }),
  ])
  return all.filter(() => !dice.chance(forgottenShare))
}

/** The same day as a bad line brings it: shuffled, doubled, the rest of it late, and contradicted afterwards. */
function disturb(day: readonly Transaction[], dice: Dice): Transaction[][] {
  const shuffled = shuffle([...day, ...day.filter(() => dice.chance(doubledShare))], dice)
  const inTime = dice.between(1, shuffled.length - 1)
  const contradictions = day
    .filter(() => dice.chance(contradictedShare))
    .map((receipt) => ({ ...receipt, operatorId: 'somebody-else' }))
  return [shuffled.slice(0, inTime), shuffled.slice(inTime), contradictions]
}

function shuffle<Item>(items: readonly Item[], dice: Dice): Item[] {
  const shuffled = [...items]
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = dice.between(0, index)
    ;[shuffled[index], shuffled[other]] = [shuffled[other] as Item, shuffled[index] as Item]
  }
  return shuffled
}

/** Records a day in these parts and follows its numbers after each; returns a hash of all that the hub then knows. */
async function play(
  pool: Pool,
  parts: readonly Transaction[][],
  wrap: (pool: Pool) => Pool,
): Promise<{ hash: string; gaps: number }> {
  await pool.query(
    'truncate transactions, conflicts, raw_records, personal_mentions, journal_events, till_series, gaps, journal_cursors restart identity cascade',
  )
  for (const part of parts) {
    await recordAll(wrap(pool), part)
    while ((await trackNumbers(pool, (businessUnitId) => ({ ...testStore, businessUnitId }))) > 0);
  }
  const { rows } = await pool.query<{ state: string; gaps: number }>(
    `select (select count(*)::int from gaps where state = 'open') as gaps, json_build_object(
       'transactions', (select json_agg(t order by t.transaction_id) from (select transaction_id, transaction_key, content_hash,
          transaction_type, business_day_date, grand_total_minor from transactions) t),
       'events', (select json_agg(e order by e.event_id) from (select event_id, subject, ordering_key, data from journal_events) e),
       'numbers', (select json_agg(s order by s.series_key) from (select series_key, seen::text from till_series) s),
       'missing', (select json_agg(g order by g.series_key, g.first_number)
          from (select series_key, first_number, last_number from gaps where state = 'open') g),
       'days', (select json_agg(d order by d.day, d.store) from (select business_day_date as day, business_unit_id as store,
          count(*), sum(grand_total_minor) from transactions group by 1, 2) d))::text as state`,
  )
  const hash = createHash('sha256')
    .update(rows[0]?.state ?? '')
    .digest('hex')
  return { hash, gaps: rows[0]?.gaps ?? 0 }
}

async function attack(bench: Bench, days: number, wrap: (pool: Pool) => Pool): Promise<Figure> {
  const { pool } = await openDatabase(bench)
  let different = 0
  let uploads = 0
  let gaps = 0
  for (let day = 0; day < days; day += 1) {
    const receipts = makeDay(bench.seed + day, bench.dice)
    const inOrder = await play(pool, [receipts], (same) => same)
    const parts = disturb(receipts, bench.dice)
    const disturbed = await play(pool, parts, wrap)
    uploads += parts.flat().length
    gaps += inOrder.gaps
    if (inOrder.hash !== disturbed.hash) different += 1
  }
  return makeFigure({
    runs: days,
    text: `${days} days of ${tills} tills, ${uploads} uploads shuffled, doubled, late or contradicted, ${gaps} gaps named: ${different} days end differently`,
    broken: { 'a day ended differently from the same day in order': different > 0 },
    blind: { 'no number was missing': gaps === 0 },
  })
}

export const anyOrder: Invariant = {
  id: 'I18',
  promise: 'A day that comes shuffled, doubled and late ends in the very state of one that came in order',
  controlBreaks: ['a day ended differently from the same day in order'],
  run: (bench) => attack(bench, bench.choose({ quick: 10, nightly: 100 }), (pool) => pool),
  control: (bench) => attack(bench, 3, mutants.upsert.pool),
}
