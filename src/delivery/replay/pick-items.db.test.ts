import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { ForgetfulBooks, makeTarget } from '../simulation/forgetful-target.ts'
import { pickItemsStrictlyText, pickItemsText } from './pick-queries.ts'
import * as sql from './queries.ts'

const database = useDeliveryDatabase()
const itemsCount = 8_000
const lanes = ['9/1', '9/2', '9/3', '9/4']
const shard = 7

interface PlanNode {
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: PlanNode[]
}

/** Rows of a table that a statement looked at, also those that it dropped. */
function rowsVisited(node: PlanNode, table: string): number {
  const own =
    node['Relation Name'] === table
      ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
      : 0
  return (node.Plans ?? []).reduce((sum, one) => sum + rowsVisited(one, table), own)
}

async function visited(text: string, values: unknown[]): Promise<number> {
  const told = await database.pool.query(`explain (analyze, format json) ${text}`, values)
  return rowsVisited(told.rows[0]['QUERY PLAN'][0].Plan, 'delivery_replay_items')
}

/** A replay of few lanes and many items; the lanes up to `held` have an entry that is on its way. */
async function fill(held: number): Promise<unknown[]> {
  const { pool } = database
  const { targetId } = await makeTarget(pool, new ForgetfulBooks())
  const replayId = randomUUID()
  await pool.query(
    `insert into delivery_replays (replay_id, target_id, mode, state, filter, reason, planned_by, rate_per_second)
     values ($1, $2, 'missing', 'running', '{}', 'restored', 'cli:ada', 100)`,
    [replayId, targetId],
  )
  await pool.query(
    `insert into delivery_replay_items (replay_id, event_id, shard, xid, position, ordering_key, state_before)
     select $1, gen_random_uuid(), $2, '1000'::xid8, n, ($3::text[])[1 + n % $4], 'delivered' from generate_series(1, $5) as n`,
    [replayId, shard, lanes, lanes.length, itemsCount],
  )
  await pool.query(
    `insert into delivery_entries (target_id, event_id, shard, xid, position, ordering_key, state, fence)
     select $1, gen_random_uuid(), $2, '900'::xid8, n, ($3::text[])[n], 'queued', 1 from generate_series(1, $4) as n`,
    [targetId, shard, lanes, held],
  )
  return [replayId, targetId, [shard], 10, 100]
}

const texts = { 'in any order': pickItemsText, 'in strict order': pickItemsStrictlyText }

it.each([0, 3, 4].flatMap((held) => Object.entries(texts).map(([name, text]) => ({ held, name, text }))))(
  'the next items of few lanes are found without a look at all of them, with $held held, $name',
  async ({ held, text }) => {
    const values = await fill(held)
    const free = lanes.slice(held)
    // A plan is not analysed when it is begun, and PostgreSQL takes it for a few rows, or for none.
    for (const isAnalysed of [false, true]) {
      if (isAnalysed) await database.pool.query('analyze delivery_replay_items, delivery_entries')
      const picked = await database.pool.query<{ event_id: string }>(text, values)
      const { rows } = await database.pool.query<{ ordering_key: string; n: number }>(
        `select ordering_key, count(*)::int as n from delivery_replay_items
         where event_id = any($1::uuid[]) and position <= $2 group by 1 order by 1`,
        [picked.rows.map((row) => row.event_id), 10 * lanes.length],
      )
      expect(rows).toEqual(free.map((ordering_key) => ({ ordering_key, n: 10 })))
      // Each lane is found and looked at once, and ten items of it are taken.
      expect(await visited(text, values)).toBeLessThanOrEqual(lanes.length * 12)
    }
  },
)

it('what surrounds a portion looks at what is under way, and not at what is to go or gone', async () => {
  const [replayId, targetId] = await fill(0)
  const { pool } = database
  await pool.query(`update delivery_replay_items set state = case when position <= 5 then 'released' else 'done' end
    where position <= 4000`)
  expect(await visited(sql.countOpenText, [replayId])).toBeLessThanOrEqual(5)
  expect(await visited(sql.settleItemsText, [replayId, targetId])).toBeLessThanOrEqual(15)
  const { rows } = await pool.query<{ event_id: string }>(
    'select event_id from delivery_replay_items where position between 4001 and 4010',
  )
  const ten = rows.map((row) => row.event_id)
  const times = <Value>(value: Value) => ten.map(() => value)
  expect(await visited(sql.leaveItemsText, [replayId, ten, times('changed')])).toBeLessThanOrEqual(30)
  const release = [replayId, targetId, ten, times(false), times('1')]
  expect(await visited(sql.releaseItemsText, release)).toBeLessThanOrEqual(30)
  await pool.query("update delivery_replay_items set state = 'planned' where event_id = any($1)", [ten])
  expect(await visited(sql.endReplayText, [replayId])).toBeLessThanOrEqual(5)
  await pool.query("update delivery_replay_items set state = 'done' where state = 'released'")
  expect(await visited(sql.endReplayText, [replayId])).toBeLessThanOrEqual(5)
  await pool.query("update delivery_replay_items set state = 'done' where state = 'planned'")
  expect((await pool.query(sql.endReplayText, [replayId])).rows).toEqual([{ state: 'finished' }])
})
