import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Bus, ReceivedMessage } from '../../contract/bus.ts'
import { silentLogger } from '../../contract/logger.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import type { TestDatabase } from '../../testing/database/test-server.ts'
import { openPostgresBus } from './bus.ts'
import { Membership } from './membership.ts'
import { pruneMessages } from './queries.ts'
import { startPruning } from './retention.ts'

let database: TestDatabase
let bus: Bus
beforeAll(async () => {
  database = await createTestDatabase()
  bus = openPostgresBus({ url: database.url })
})
afterEach(() => database.pool.query('truncate bus_topics cascade'))
afterAll(async () => {
  await bus.close()
  await database.drop()
})

const prepare = (topic: string, retentionMs = 60_000) => bus.prepareTopics([{ topic, partitionsCount: 4, retentionMs }])

async function readAll(topic: string, count: number): Promise<ReceivedMessage[]> {
  const received: ReceivedMessage[] = []
  const consumer = await bus.subscribe({
    group: `group-of-${topic}`,
    topics: [topic],
    batchMax: 10,
    prefetchMax: 100,
    onMessages: async (messages) => {
      received.push(...messages)
    },
  })
  await expect.poll(() => received.length, { timeout: 10_000 }).toBe(count)
  await consumer.close()
  return received
}

const messageOf = (topic: string, number: number) => ({
  topic,
  orderingKey: '9/3',
  headers: { number: String(number) },
  contentType: 'text/plain',
  body: Buffer.from(String(number)),
})

describe('the bus in PostgreSQL', () => {
  it('takes what is published by SQL, in the transaction that publishes it and in the partition of its key', async () => {
    await prepare('by-sql')
    const client = await database.pool.connect()
    await client.query('begin')
    await client.query(`select bus_publish('by-sql', '9/3', '\\x0102', 'application/octet-stream')`)
    await client.query('rollback')
    await client.query(
      `select bus_publish('by-sql', '9/3', convert_to('{"a":1}', 'UTF8'), headers => '{"number":"1"}',
        cloud_event => '{"specversion":"1.0","id":"7","source":"/shop","type":"x"}')`,
    )
    client.release()
    await bus.publish([messageOf('by-sql', 2)])
    const [first, second] = await readAll('by-sql', 2)
    expect(first).toMatchObject({ orderingKey: '9/3', contentType: 'application/json', cloudEvent: { id: '7' } })
    expect(Buffer.from(first?.body ?? []).toString()).toBe('{"a":1}')
    expect(second?.partition).toBe(first?.partition)
    await expect(database.pool.query(`select bus_publish('nowhere', 'k', '')`)).rejects.toThrow('no topic')
  })

  it('tells a publisher of a topic that is not there', async () => {
    await expect(bus.publish([messageOf('nowhere', 1)])).rejects.toMatchObject({ isTransient: false })
  })

  it('skips no message of a transaction that commits late', async () => {
    await prepare('late')
    const client = await database.pool.connect()
    await client.query('begin')
    await client.query(`select bus_publish('late', '9/3', 'first', 'text/plain')`)
    await bus.publish([messageOf('late', 2)])
    const reading = readAll('late', 2)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await client.query('commit')
    client.release()
    expect((await reading).map(({ body }) => Buffer.from(body).toString())).toEqual(['first', '2'])
  })

  it('deletes what is older than the retention of its topic, and nothing else', async () => {
    await prepare('short', 1_000)
    await prepare('long', 3_600_000)
    for (const topic of ['short', 'long']) await bus.publish([1, 2, 3].map((number) => messageOf(topic, number)))
    await database.pool.query(
      `update bus_messages set published_at = published_at - interval '1 minute' where headers->>'number' <> '3'`,
    )
    expect(await pruneMessages(database.pool, 1)).toBe(1)
    expect(await pruneMessages(database.pool, 100)).toBe(1)
    expect(await pruneMessages(database.pool, 100)).toBe(0)
    expect((await readAll('short', 1)).map(({ headers }) => headers.number)).toEqual(['3'])
    await readAll('long', 3)
  })

  it('forgets members of groups that were not seen for a day, and no others', async () => {
    await prepare('left')
    await database.pool.query(
      `insert into bus_members (group_name, topic_id, member_id, seen_at)
       select 'g', topic_id, age || ' h', clock_timestamp() - age * interval '1 hour'
       from bus_topics, unnest(array[1, 23, 25]) as age`,
    )
    const pruning = startPruning(database.pool, silentLogger, 10)
    const readMembers = async () =>
      (await database.pool.query('select member_id from bus_members order by seen_at')).rows.map((row) => row.member_id)
    await expect.poll(readMembers, { timeout: 10_000 }).toEqual(['23 h', '1 h'])
    await pruning.stop()
    expect(await readMembers()).toEqual(['23 h', '1 h'])
  })

  it('bounds the bytes of all calls on their way together', async () => {
    const narrow = openPostgresBus({ url: database.url, prefetchBytesMax: 1_000 })
    await prepare('wide')
    const partitions = [0, 1, 2, 3]
    await bus.publish(partitions.map((partition) => ({ ...messageOf('wide', 1), partition, body: Buffer.alloc(600) })))
    let [received, onTheirWay, onTheirWayMax] = [0, 0, 0]
    const consumer = await narrow.subscribe({
      group: 'narrow',
      topics: ['wide'],
      batchMax: 10,
      prefetchMax: 100,
      onMessages: async (messages) => {
        onTheirWay += messages.length
        onTheirWayMax = Math.max(onTheirWayMax, onTheirWay)
        await new Promise((resolve) => setTimeout(resolve, 300))
        onTheirWay -= messages.length
        received += messages.length
      },
    })
    try {
      await expect.poll(() => received, { timeout: 10_000 }).toBe(4)
      // The second begins within the bytes that are free, the third would not.
      expect(onTheirWayMax).toBe(2)
    } finally {
      await consumer.close()
      await narrow.close()
    }
  })

  it('reads the partitions whose beginning was rejected once', async () => {
    await prepare('begun-twice')
    await bus.publish([messageOf('begun-twice', 1)])
    const received: ReceivedMessage[] = []
    const troubles: string[] = []
    let beginnings = 0
    const consumer = await bus.subscribe({
      group: 'beginners',
      topics: ['begun-twice'],
      batchMax: 10,
      prefetchMax: 100,
      onMessages: async (messages) => {
        received.push(...messages)
      },
      onAssigned: async () => {
        beginnings += 1
        if (beginnings === 1) throw new Error('not yet')
      },
      onTrouble: ({ message }) => troubles.push(message),
    })
    try {
      await expect.poll(() => received.length, { timeout: 10_000 }).toBe(1)
      expect(beginnings).toBe(2)
      expect(troubles).toEqual([expect.stringContaining('not yet')])
    } finally {
      await consumer.close()
    }
  })

  it('moves no cursor for a consumer whose lease somebody else has', async () => {
    await prepare('fenced')
    const { rows } = await database.pool.query<{ topic_id: number }>('select topic_id from bus_topics')
    const topicIds = rows.map((row) => row.topic_id)
    const [late, next] = ['late', 'next'].map(
      (memberId) => new Membership(database.pool, { group: 'g', topicIds, memberId, leaseMs: 50 }),
    )
    if (!late || !next) return expect.unreachable()
    await late.join()
    const [lease] = await late.take(topicIds[0] ?? 0, 1)
    if (!lease) return expect.unreachable()
    await new Promise((resolve) => setTimeout(resolve, 100))
    await next.join()
    expect(await next.take(topicIds[0] ?? 0, 4)).toHaveLength(4)
    const moved = await late.acknowledge([{ lease, to: { xid: '999', position: '999' } }])
    expect(moved.size).toBe(0)
    const cursors = await database.pool.query(`select from bus_cursors where position = 999`)
    expect(cursors.rowCount).toBe(0)
  })
})
