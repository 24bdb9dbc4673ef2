import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { Bus, ReceivedMessage } from '../../src/contract/bus.ts'
import { systemClock, systemRandom } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { createPostgresRelayStore } from '../../src/journal/relay/postgres-store.ts'
import { readRelayStatus } from '../../src/journal/relay/queries.ts'
import { Relay } from '../../src/journal/relay/relay.ts'
import { shardOf } from '../../src/journal/shard.ts'
import { loadMasterKey } from '../../src/privacy/encryption/master-key.ts'
import { createReferences } from '../../src/privacy/references.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { appendTestEvents } from '../../src/testing/journal.ts'
import { makeSale } from '../../src/testing/receipts.ts'

export interface RelayOnBus {
  /** A bus of its own each time. */
  open(): Promise<Bus>
  /** A migrated database. */
  createDatabase(): Promise<TestDatabase>
}

const tillsCount = 12
const eventsCount = 600
const limits = {
  batchEventsMax: 50,
  publishesMax: 4,
  leaseMs: 2_000,
  pollMs: 100,
  publishTimeoutMs: 10_000,
  backoffBaseMs: 50,
  backoffMaxMs: 500,
  retentionMs: 3_600_000,
}

/** From the journal over a real broker to a consumer: the same suite for each engine. */
export function describeRelayOnBus(engine: string, { open, createDatabase }: RelayOnBus): void {
  describe(`the relay to ${engine}`, () => {
    const prefix = `tillflow-relay.${randomBytes(4).toString('hex')}`
    const buses: Bus[] = []
    const openBus = async () => {
      const bus = await open()
      buses.push(bus)
      return bus
    }
    let database: TestDatabase
    beforeAll(async () => {
      database = await createDatabase()
    })
    afterAll(async () => {
      await Promise.all(buses.map((bus) => bus.close()))
      await database?.drop()
    })

    const startRelay = async () => {
      const masterKey = await loadMasterKey({ masterKey: '11'.repeat(32), masterKeyFile: '' })
      const relay = new Relay(
        {
          store: createPostgresRelayStore(database.pool, engine),
          bus: await openBus(),
          message: {
            topicPrefix: prefix,
            eventSource: '/suite',
            journalId: randomUUID(),
            refer: createReferences(masterKey),
          },
          owner: randomUUID(),
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

    it('brings the journal to a consumer, in the order of every till, over relays that come and go', async ({
      expect,
    }) => {
      const topic = `${prefix}.pos.transaction`
      const received: ReceivedMessage[] = []
      const reader = await openBus()
      await reader.prepareTopics([{ topic, partitionsCount: 64, retentionMs: limits.retentionMs }])
      const consumer = await reader.subscribe({
        group: `suite-${prefix}`,
        topics: [topic],
        batchMax: 100,
        prefetchMax: 500,
        onMessages: async (messages) => {
          received.push(...messages)
        },
      })
      const keys = Array.from({ length: eventsCount }, (_, index) => `9/${index % tillsCount}`)
      const appending = appendTestEvents(
        database.pool,
        keys.map((orderingKey, index) => ({
          orderingKey,
          shard: shardOf(orderingKey),
          transaction: makeSale(index + 1, { customerId: `C-${100_000 + index}` }),
        })),
      )
      const first = await startRelay()
      const second = await startRelay()
      await expect.poll(() => received.length, { timeout: 60_000 }).toBeGreaterThan(eventsCount / 4)
      await first.stop()
      const ids = await appending
      await expect.poll(() => new Set(received.map(idOf)).size, { timeout: 60_000 }).toBe(eventsCount)
      await second.stop()
      await consumer.close()
      for (let till = 0; till < tillsCount; till += 1) {
        const seen = received.filter(({ orderingKey }) => orderingKey === `9/${till}`)
        expect([...new Set(seen.map(idOf))]).toEqual(ids.filter((_, index) => keys[index] === `9/${till}`))
        const [one] = seen
        expect(one?.cloudEvent).toMatchObject({ specversion: '1.0', source: '/suite', partitionkey: `9/${till}` })
        if (reader.features.partitions) expect(one?.partition).toBe(shardOf(`9/${till}`))
      }
      for (const { body } of received) expect(Buffer.from(body).toString()).not.toMatch(/C-1\d{5}/)
      expect((await readRelayStatus(database.pool))[0]?.lagEvents).toBe(0)
    })
  })
}

function idOf({ cloudEvent }: ReceivedMessage): string {
  return cloudEvent?.id ?? ''
}
