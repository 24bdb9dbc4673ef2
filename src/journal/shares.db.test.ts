import { expect, it } from 'vitest'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { readShardEvents, type ShardCursor } from './queries.ts'

const database = useDeliveryDatabase()
const shards = [0, 1, 2, 3]
const perShard = 200

it('of a backlog in every shard each batch has a share of each, and all of it comes in order', async () => {
  const { pool } = database
  // One shard after the other, as a till that uploads a whole day at once.
  await pool.query(
    `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
     select gen_random_uuid(), s, 'pos.transaction.recorded.v1', 'till:9/' || s || '/-/' || n, '9/' || s, '{}'
     from unnest($1::smallint[]) as s, generate_series(1, $2) as n order by s, n`,
    [shards, perShard],
  )
  const cursors = new Map(shards.map((shard): [number, ShardCursor] => [shard, { shard, xid: '0', position: '0' }]))
  const read: string[] = []
  for (let batch = 0; batch < 8; batch += 1) {
    const events = await readShardEvents(pool, [...cursors.values()], 100)
    for (const { shard, xid, position, subject } of events) {
      cursors.set(shard, { shard, xid, position })
      read.push(subject)
    }
    const shares = shards.map((shard) => events.filter((event) => event.shard === shard).length)
    expect(shares).toEqual([25, 25, 25, 25])
  }
  expect(await readShardEvents(pool, [...cursors.values()], 100)).toEqual([])
  for (const shard of shards) {
    const own = read.filter((subject) => subject.startsWith(`till:9/${shard}/`))
    expect(own).toEqual(Array.from({ length: perShard }, (_, index) => `till:9/${shard}/-/${index + 1}`))
  }
})
