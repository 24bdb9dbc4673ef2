import { expect, it } from 'vitest'
import { systemClock, systemRandom } from '../../contract/clock.ts'
import { silentLogger } from '../../contract/logger.ts'
import { shardOf } from '../../journal/shard.ts'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { appendTestEvents } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { decide } from '../decide.ts'
import { resumeTarget } from '../pause.ts'
import { defaultPolicy } from '../policy.ts'
import { createPostgresDeliveryStore } from '../postgres-store.ts'
import { ensureTarget } from '../targets.ts'
import { TargetWorker } from '../worker.ts'

const database = useDeliveryDatabase()

async function sellToTarget(count: number): Promise<number> {
  const { targetId } = await ensureTarget(database.pool, 'shop', 'test')
  await appendTestEvents(
    database.pool,
    Array.from({ length: count }, (_, index) => {
      const orderingKey = `9/${index}`
      return { orderingKey, shard: shardOf(orderingKey), transaction: makeSale(index + 1) }
    }),
  )
  return targetId
}

async function arrivals(running: { stop(): void; run(): Promise<void> }, isThere: () => boolean): Promise<void> {
  const over = running.run()
  for (let look = 0; look < 1_000 && !isThere(); look += 1) await systemClock.sleep(10)
  running.stop()
  await over
}

it('goes on after the database failed while a turn was drawn', async () => {
  const targetId = await sellToTarget(6)
  const store = createPostgresDeliveryStore(database.pool)
  let failures = 0
  const arrived = new Set<string>()
  const target = {
    targetId,
    name: 'shop',
    connectorName: 'test',
    connection: {
      features: { idempotent: true, lookUp: false },
      postTransaction: async ({ subject }: { subject: string }) => {
        arrived.add(subject)
        return { kind: 'delivered' as const, documents: [] }
      },
    },
    policy: { ...defaultPolicy, concurrencyMax: 2, attemptTimeoutMs: 500, rate: { perSecond: 1_000, burst: 1_000 } },
    fetch: () => Promise.reject(new Error('no network')),
  }
  const failing = {
    ...store,
    guards: {
      ...store.guards,
      draw: async (...request: Parameters<typeof store.guards.draw>) => {
        failures += 1
        if (failures <= 2) throw new Error('the database is away')
        return store.guards.draw(...request)
      },
    },
  }
  const tools = {
    store: failing,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    decide,
    workerId: 'a',
  }
  await arrivals(new TargetWorker(target, tools, { leaseMs: 2_000, pollMs: 10 }), () => arrived.size === 6)
  expect([arrived.size, failures > 2]).toEqual([6, true])
})

it('ends the rest that a target asked for when an operator resumes it', async () => {
  const targetId = await sellToTarget(1)
  const arrived: string[] = []
  let asked = 0
  const target = {
    targetId,
    name: 'shop',
    connectorName: 'test',
    connection: {
      features: { idempotent: true, lookUp: false },
      postTransaction: async ({ subject }: { subject: string }) => {
        asked += 1
        if (asked === 1)
          return { kind: 'retry' as const, reason: 'HTTP 429', afterMs: 86_400_000, throttled: true as const }
        arrived.push(subject)
        return { kind: 'delivered' as const, documents: [] }
      },
    },
    policy: { ...defaultPolicy, attemptTimeoutMs: 500 },
    fetch: () => Promise.reject(new Error('no network')),
  }
  const store = createPostgresDeliveryStore(database.pool)
  const tools = { store, clock: systemClock, random: systemRandom, logger: silentLogger, decide, workerId: 'a' }
  const worker = new TargetWorker(target, tools, { leaseMs: 2_000, pollMs: 10 })
  const over = worker.run()
  for (let look = 0; look < 500 && asked === 0; look += 1) await systemClock.sleep(10)
  await systemClock.sleep(100)
  expect(arrived).toEqual([])
  await resumeTarget(database.pool, 'shop')
  // The schedule of the event itself asked for the day too.
  await database.pool.query('update delivery_entries set next_attempt_at = clock_timestamp()')
  for (let look = 0; look < 500 && arrived.length === 0; look += 1) await systemClock.sleep(10)
  worker.stop()
  await over
  expect(arrived).toHaveLength(1)
})
