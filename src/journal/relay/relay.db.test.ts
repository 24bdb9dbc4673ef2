import { createSecretKey, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bus, BusFailure, type BusMessage } from '../../contract/bus.ts'
import { systemClock, systemRandom } from '../../contract/clock.ts'
import { silentLogger } from '../../contract/logger.ts'
import { createReferences } from '../../privacy/references.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import type { TestDatabase } from '../../testing/database/test-server.ts'
import { appendTestEvents } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { shardOf } from '../shard.ts'
import { createPostgresRelayStore } from './postgres-store.ts'
import { readRelayStatus } from './queries.ts'
import { Relay } from './relay.ts'

const refer = createReferences(createSecretKey(Buffer.alloc(32, 3)))
const limits = {
  batchEventsMax: 10,
  publishesMax: 3,
  leaseMs: 1_500,
  pollMs: 50,
  publishTimeoutMs: 1_000,
  backoffBaseMs: 20,
  backoffMaxMs: 100,
  retentionMs: 60_000,
}

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
beforeEach(async () => {
  await database.pool.query('truncate journal_events, relays')
})
afterAll(() => database.drop())

/** A broker in the hands of the test: what it does with each publish. */
function createBroker(act: (messages: readonly BusMessage[], store: (some: readonly BusMessage[]) => void) => unknown) {
  const stored: BusMessage[] = []
  const topics: string[] = []
  const bus: Bus = {
    name: 'scripted',
    features: { replay: true, partitions: true },
    prepareTopics: async (plans) => {
      topics.push(...plans.map(({ topic }) => topic))
    },
    publish: async (messages) => {
      await act(messages, (some) => stored.push(...some))
    },
    subscribe: () => Promise.reject(new Error('nobody reads here')),
    close: async () => {},
  }
  return { bus, stored, topics, ids: () => stored.map((message) => message.cloudEvent?.id) }
}

function startRelay(bus: Bus, owner = randomUUID()) {
  const relay = new Relay(
    {
      store: createPostgresRelayStore(database.pool, 'scripted'),
      bus,
      message: { topicPrefix: 'acme', eventSource: '/acme', journalId: '7b0f7a3e-52d7-4c3a-9d0b-1f2e3d4c5b6a', refer },
      owner,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    },
    limits,
  )
  const running = relay.run()
  return {
    stop: async () => {
      relay.stop()
      await running
    },
  }
}

const append = (count: number, from = 1) =>
  appendTestEvents(
    database.pool,
    Array.from({ length: count }, (_, index) => {
      const orderingKey = `9/${index % 4}`
      return {
        orderingKey,
        shard: shardOf(orderingKey),
        transaction: makeSale(from + index, { customerId: 'C-12345' }),
      }
    }),
  )
const statusOf = async () => (await readRelayStatus(database.pool))[0]
const until = (condition: () => unknown) =>
  expect.poll(async () => Boolean(await condition()), { timeout: 15_000, interval: 20 }).toBe(true)
const isThrough = async () => (await statusOf())?.lagEvents === 0

describe('the relay', () => {
  it('publishes the journal as CloudEvents with references, and moves its cursor', async () => {
    const broker = createBroker((messages, store) => store(messages))
    const ids = await append(25)
    const relay = startRelay(broker.bus)
    await until(isThrough)
    await relay.stop()
    expect(broker.topics).toEqual(['acme.pos.transaction'])
    expect(broker.ids().toSorted()).toEqual(ids.toSorted())
    const [message] = broker.stored
    expect(message).toMatchObject({
      topic: 'acme.pos.transaction',
      orderingKey: '9/0',
      partition: shardOf('9/0'),
      contentType: 'application/json',
    })
    expect(message?.cloudEvent).toMatchObject({
      specversion: '1.0',
      source: '/acme',
      type: 'pos.transaction.recorded.v1',
      subject: 'till:9/0/1',
      partitionkey: '9/0',
      dataschema: 'urn:tillflow:schema:pos.transaction.recorded:v1',
    })
    // As the binding of every protocol wants the names of attributes.
    for (const name of Object.keys(message?.cloudEvent ?? {})) expect(name).toMatch(/^[a-z0-9]+$/)
    for (const { body } of broker.stored) expect(Buffer.from(body).toString()).not.toContain('C-12345')
    const { transaction } = JSON.parse(Buffer.from(message?.body ?? []).toString())
    expect(transaction.customerId).toBe(refer('customer', 'C-12345'))
    const sequences = broker.stored.filter((one) => one.orderingKey === '9/1').map((one) => one.cloudEvent?.sequence)
    expect(sequences).toEqual(sequences.toSorted())
    expect((await statusOf())?.publishedAt).toBeInstanceOf(Date)
  })

  it('publishes again what was half confirmed, and keeps the order of every key', async () => {
    let calls = 0
    const broker = createBroker((messages, store) => {
      calls += 1
      if (calls % 3 === 0) return store(messages)
      if (calls % 3 === 1) store(messages.slice(0, 1))
      throw new BusFailure('no', { isTransient: true })
    })
    const ids = await append(40)
    const relay = startRelay(broker.bus)
    await until(isThrough)
    await relay.stop()
    expect(broker.stored.length).toBeGreaterThan(ids.length)
    for (let till = 0; till < 4; till += 1) {
      const seen = broker.stored.filter((one) => one.orderingKey === `9/${till}`).map((one) => one.cloudEvent?.id)
      expect([...new Set(seen)]).toEqual(ids.filter((_, index) => index % 4 === till))
    }
  })

  it('goes on without what the broker forgot to answer, and does not move the cursor before', async () => {
    let isSilent = true
    const broker = createBroker((messages, store) => {
      store(messages)
      return isSilent ? new Promise(() => {}) : undefined
    })
    await append(5)
    const relay = startRelay(broker.bus)
    await until(() => broker.stored.length >= 5)
    expect((await statusOf())?.lagEvents).toBe(5)
    isSilent = false
    await until(isThrough)
    await relay.stop()
    expect(new Set(broker.ids()).size).toBe(5)
  })

  it('is taken over by another process, which begins at the cursor, and the first one cannot move it any more', async () => {
    const ids = await append(8)
    const store = createPostgresRelayStore(database.pool, 'scripted')
    // A process that took the lead and is gone, whatever it had published by then.
    const lead = await store.lead('gone', limits.leaseMs)
    const broker = createBroker((messages, keep) => keep(messages))
    const relay = startRelay(broker.bus)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(broker.stored).toEqual([])
    await until(isThrough)
    expect(broker.ids().toSorted()).toEqual(ids.toSorted())
    // The first one comes back from a long sleep: its fence is old.
    const before = await database.pool.query('select cursor_position from relays')
    expect(await store.advance('gone', lead?.fence ?? '', { xid: '1', position: '1' })).toBe(false)
    expect((await database.pool.query('select cursor_position from relays')).rows).toEqual(before.rows)
    await relay.stop()
  })

  it('keeps its cursor to the broker that confirmed it, also where that is known by some of its addresses only', async () => {
    await append(5)
    const storeAt = (...brokers: string[]) => createPostgresRelayStore(database.pool, 'scripted', brokers)
    const first = await storeAt('one:9092').lead('first', 60_000)
    await storeAt('one:9092').resign('first')
    // Nothing is confirmed yet, so that nothing is lost with another one.
    const lead = await storeAt('two:9092', 'three:9092').lead('second', 60_000)
    expect(lead?.cursor).toEqual(first?.cursor)
    const to = { xid: '7', position: '3' }
    expect(await storeAt('two:9092', 'three:9092').advance('second', lead?.fence ?? '', to)).toBe(true)
    await expect(storeAt('one:9092').lead('first', 60_000)).rejects.toMatchObject({ code: 'settings-invalid' })
    await storeAt('two:9092').resign('second')
    await expect(storeAt('one:9092').lead('first', 60_000)).rejects.toThrow('two:9092, three:9092')
    expect((await storeAt('four:9092', 'two:9092').lead('third', 60_000))?.cursor).toEqual(to)
  })

  it('goes on at a cursor of before it was known which broker had confirmed it', async () => {
    const to = { xid: '7', position: '3' }
    await database.pool.query("insert into relays (relay, cursor_xid, cursor_position) values ('scripted', '7', 3)")
    const store = createPostgresRelayStore(database.pool, 'scripted', ['one:9092'])
    expect((await store.lead('first', 60_000))?.cursor).toEqual(to)
  })

  it('has one leader at a time, and publishes each event once while nothing fails', async () => {
    const broker = createBroker((messages, store) => store(messages))
    const relays = [startRelay(broker.bus), startRelay(broker.bus), startRelay(broker.bus)]
    const ids = [...(await append(30)), ...(await append(30, 31))]
    await until(isThrough)
    await Promise.all(relays.map((relay) => relay.stop()))
    expect(broker.ids().toSorted()).toEqual(ids.toSorted())
  })

  it('skips no event of a transaction that commits late', async () => {
    const broker = createBroker((messages, store) => store(messages))
    const relay = startRelay(broker.bus)
    const client = await database.pool.connect()
    await client.query('begin')
    await client.query(
      `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
       values (gen_random_uuid(), 1, 'pos.transaction.recorded.v1', 'late', '9/1', '{}')`,
    )
    await append(5)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(broker.stored).toEqual([])
    await client.query('commit')
    client.release()
    await until(isThrough)
    await relay.stop()
    expect(broker.stored.map((one) => one.cloudEvent?.subject)).toContain('late')
    expect(broker.stored).toHaveLength(6)
  })

  it('publishes an event that the broker refuses for good without its data, in its place', async () => {
    const broker = createBroker((messages, store) => {
      if (messages.some(({ body, cloudEvent }) => body.length > 0 && cloudEvent?.subject === 'till:9/1/6'))
        throw new BusFailure('too long', { isTransient: false })
      store(messages)
    })
    const ids = await append(20)
    const relay = startRelay(broker.bus)
    await until(isThrough)
    await relay.stop()
    const ofTill = broker.stored.filter(({ orderingKey }) => orderingKey === '9/1')
    expect([...new Set(ofTill.map((one) => one.cloudEvent?.id))]).toEqual(ids.filter((_, index) => index % 4 === 1))
    const refused = broker.stored.find((one) => one.cloudEvent?.subject === 'till:9/1/6')
    expect(refused?.body.length).toBe(0)
    expect(refused?.cloudEvent?.dataref).toBe(`urn:tillflow:event:${refused?.cloudEvent?.id}`)
    expect(broker.stored.filter(({ body }) => body.length === 0)).toHaveLength(1)
  })
})
