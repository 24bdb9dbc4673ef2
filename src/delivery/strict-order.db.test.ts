import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../contract/clock.ts'
import type { DeliveryEvent, Outcome } from '../contract/connector.ts'
import { silentLogger } from '../contract/logger.ts'
import { shardOf } from '../journal/shard.ts'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { decide } from './decide.ts'
import { retryParked } from './parked.ts'
import { defaultPolicy } from './policy.ts'
import { createPostgresDeliveryStore } from './postgres-store.ts'
import { ensureTarget } from './targets.ts'
import { TargetWorker } from './worker.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const tills = ['9/1', '9/2']

async function sell(from: number, to: number): Promise<void> {
  const sales = tills.flatMap((orderingKey) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({
      orderingKey,
      shard: shardOf(orderingKey),
      transaction: makeSale(from + index, { workstationId: orderingKey.slice(2) }),
    })),
  )
  await appendTestEvents(database.pool, sales)
}

it('holds a till behind its parked event at a target with strict order, for as long as it is parked', async () => {
  const taken: string[] = []
  let isMended = false
  const postTransaction = async (event: DeliveryEvent): Promise<Outcome> => {
    const { workstationId, sequenceNumber } = event.transaction
    if (workstationId === '1' && sequenceNumber === 2 && !isMended) return { kind: 'rejected', reason: 'no such item' }
    taken.push(`${workstationId}/${sequenceNumber}`)
    return { kind: 'delivered', documents: [] }
  }
  const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
  const target = {
    targetId,
    name: 'erp',
    connectorName: 'test',
    connection: { features: { idempotent: true, lookUp: false }, postTransaction },
    // Several cycles for a few events: what holds a lane must hold it from one to the next.
    policy: { ...defaultPolicy, strictOrder: true, batchEventsMax: 3 },
    fetch: () => Promise.reject(new Error('no network')),
  }
  const store = createPostgresDeliveryStore(database.pool)
  const tools = { store, clock: systemClock, random: systemRandom, logger: silentLogger, decide, workerId: 'a' }
  const worker = new TargetWorker(target, tools, { leaseMs: 30_000, pollMs: 10 })
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round += 1) await worker.runOnce()
  }
  await worker.announce()

  await sell(1, 4)
  await rounds(8)
  await sell(5, 6)
  await rounds(8)
  expect(taken.filter((receipt) => receipt.startsWith('1/'))).toEqual(['1/1'])
  expect(taken.filter((receipt) => receipt.startsWith('2/'))).toEqual(['2/1', '2/2', '2/3', '2/4', '2/5', '2/6'])

  isMended = true
  await retryParked(database.pool, { includeNeedsCheck: false })
  await rounds(8)
  expect(taken.filter((receipt) => receipt.startsWith('1/'))).toEqual(['1/1', '1/2', '1/3', '1/4', '1/5', '1/6'])
})
