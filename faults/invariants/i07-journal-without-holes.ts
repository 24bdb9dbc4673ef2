import pg, { type Pool } from 'pg'
import { readEventsAfter, readShardEvents, type ShardCursor } from '../../src/journal/queries.ts'
import { shardsCount } from '../../src/journal/shard.ts'
import type { Bench } from '../bench/bench.ts'
import { findDoubled, findMissing } from '../bench/checker.ts'
import { type BenchDatabase, openDatabase } from '../bench/database.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { comesTrue, sleep } from '../bench/wait.ts'
import { changeClauses } from '../controls/mutate-pool.ts'
import type { Invariant } from './invariant.ts'

const writers = 8
const rollbackShare = 0.1
const readMax = 500

const insertText = `
  insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
  select gen_random_uuid(), (random() * 63)::int, 'pos.transaction.recorded.v1', 'till:9/1/-/' || n, '9/1', '{}' from generate_series(1, $1) as n
  returning event_id as id`

/** Writes until `total` events are committed; returns their ids, and those of what was rolled back. */
async function write(
  bench: Bench,
  { url }: BenchDatabase,
  total: number,
): Promise<{ committed: string[]; undone: string[] }> {
  const committed: string[] = []
  const undone: string[] = []
  const writer = async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    while (committed.length < total) {
      await client.query('begin')
      const { rows } = await client.query<{ id: string }>(insertText, [
        bench.dice.between(1, bench.choose({ quick: 5, nightly: 40 })),
      ])
      await sleep(bench.dice.between(0, 15))
      const isUndone = bench.dice.chance(rollbackShare)
      await client.query(isUndone ? 'rollback' : 'commit')
      ;(isUndone ? undone : committed).push(...rows.map((row) => row.id))
    }
    await client.end()
  }
  const longOne = async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await sleep(300)
    await client.query('begin')
    const { rows } = await client.query<{ id: string }>(insertText, [1])
    await sleep(bench.choose({ quick: 2_000, nightly: 5_000 }))
    await client.query('commit')
    committed.push(...rows.map((row) => row.id))
    await client.end()
  }
  await Promise.all([...Array.from({ length: writers }, writer), longOne()])
  return { committed, undone }
}

/** A reader with a cursor that follows the journal until it is stopped. */
interface Follower {
  seen: string[]
  stop(): Promise<void>
}

function follow(readNext: () => Promise<string[]>): Follower {
  const seen: string[] = []
  let isOver = false
  const running = (async () => {
    while (!isOver) {
      const ids = await readNext()
      seen.push(...ids)
      if (ids.length === 0) await sleep(3)
    }
  })()
  return {
    seen,
    stop: async () => {
      isOver = true
      await running
    },
  }
}

function followWhole(pool: Pool): Follower {
  let after = { xid: '0', position: '0' }
  return follow(async () => {
    const events = await readEventsAfter(pool, after, readMax)
    after = events.at(-1) ?? after
    return events.map((event) => event.eventId)
  })
}

function followShards(pool: Pool): Follower {
  const cursors = Array.from({ length: shardsCount }, (_, shard): ShardCursor => ({ shard, xid: '0', position: '0' }))
  return follow(async () => {
    const events = await readShardEvents(pool, cursors, readMax)
    for (const { shard, xid, position } of events) cursors[shard] = { shard, xid, position }
    return events.map((event) => event.eventId)
  })
}

const readers = (pool: Pool) => ({ all: followWhole(pool), 'the shards': followShards(pool) })

async function attack(
  bench: Bench,
  total: number,
  followers: (pool: Pool) => Record<string, Follower>,
): Promise<Figure> {
  const database = await openDatabase(bench)
  const byName = followers(database.pool)
  const reading = Object.values(byName)
  const { committed, undone } = await write(bench, database, total)
  const caughtUp = () => reading.every(({ seen }) => findMissing(committed, seen).length === 0)
  await comesTrue(caughtUp, 3_000, 200)
  await Promise.all(reading.map((one) => one.stop()))
  const sum = (count: (seen: string[]) => number) => reading.reduce((total, { seen }) => total + count(seen), 0)
  const missed = sum((seen) => findMissing(committed, seen).length)
  const doubled = sum((seen) => findDoubled(seen).length)
  const ghosts = sum((seen) => undone.length - findMissing(undone, seen).length)
  return makeFigure({
    runs: committed.length,
    text: `${committed.length} events by ${writers} writers with open transactions, ${undone.length} rolled back, ${reading.length} readers: ${missed} missed, ${doubled} read twice, ${ghosts} read that never happened`,
    broken: {
      ...Object.fromEntries(
        Object.entries(byName).map(([name, { seen }]) => [
          `the reader of ${name} missed committed events`,
          findMissing(committed, seen).length > 0,
        ]),
      ),
      'events were read twice': doubled > 0,
      'rolled back events were read': ghosts > 0,
    },
    blind: { 'nothing was rolled back': undone.length === 0 },
  })
}

/** The cursor of most outboxes: everything above the highest position seen. */
const byPositionAlone = [
  {
    clause: '(xid, position) > ($1::text::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())',
    replacement: 'position > $2::bigint and $1::text is not null',
  },
  { clause: 'order by xid, position limit $3', replacement: 'order by position limit $3' },
  { clause: '(e.xid, e.position) > (c.xid, c.position)', replacement: 'e.position > c.position' },
  {
    clause: 'and e.xid < least(pg_snapshot_xmin(pg_current_snapshot()), $5::text::xid8)',
    replacement: 'and $5::text is null',
  },
  {
    clause: 'order by e.xid, e.position limit $6\n      ) e limit $4',
    replacement: 'order by e.position limit $6\n      ) e limit $4',
  },
]

export const journalWithoutHoles: Invariant = {
  id: 'I7',
  promise: 'Every committed event is read once, and nothing that was rolled back',
  controlBreaks: ['the reader of all missed committed events', 'the reader of the shards missed committed events'],
  run: (bench) => attack(bench, bench.choose({ quick: 10_000, nightly: 500_000 }), readers),
  control: (bench) => attack(bench, 4_000, (pool) => readers(changeClauses(pool, byPositionAlone))),
}
