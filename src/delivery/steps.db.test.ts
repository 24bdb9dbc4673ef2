import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TargetDocument } from '../contract/connector.ts'
import type { JournalEvent } from '../journal/event.ts'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { readJourney } from './journey.ts'
import { createPostgresDeliveryStore } from './postgres-store.ts'
import { pruneSteps } from './prune-steps.ts'
import { openSteps, StepNotRecordedError } from './steps.ts'
import type { DeliveryStore, ShardLease } from './store.ts'
import type { Target } from './target.ts'
import { ensureTarget } from './targets.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let store: DeliveryStore
let targetId: number
beforeAll(async () => {
  database = await createTestDatabase()
  store = createPostgresDeliveryStore(database.pool)
  targetId = (await ensureTarget(database.pool, 'erp', 'test')).targetId
})
afterAll(() => database.drop())

const sale: TargetDocument = { documentId: 'S-1', kind: 'sale' }
const invoice: TargetDocument = {
  documentId: 'I-1',
  kind: 'invoice',
  amount: '12.5',
  tax: '2',
  currency: 'EUR',
}

function claim(workerId: string, leaseMs: number): Promise<ShardLease[]> {
  return store.claimShards({ targetId, workerId, leaseMs, renewOnly: false, busy: new Set() })
}

function open(workerId: string, leases: readonly ShardLease[], eventId: string, attempt: number, resumes = true) {
  const target = { targetId, connection: { features: { idempotent: false, lookUp: true, resumes } } } as Target
  const event = { eventId, shard: 7 } as JournalEvent
  return openSteps({ target, store, workerId, leases, event, attempt, kind: attempt === 1 ? 'send' : 'look-up' })
}

describe('the steps of an event', () => {
  it('are there for the next attempt, in their order, and in the journey of the receipt', async () => {
    const eventId = randomUUID()
    const leases = await claim('worker-a', 60_000)
    const first = await open('worker-a', leases, eventId, 1)
    await first.record('sale', sale)
    await first.record('invoice', invoice)
    const second = await open('worker-a', leases, eventId, 2)
    expect([...second.done]).toEqual([
      ['sale', sale],
      ['invoice', invoice],
    ])
    const [journey] = await readJourney(database.pool, eventId)
    expect(journey?.steps).toMatchObject([
      { step: 'sale', documentId: 'S-1' },
      { step: 'invoice', documentId: 'I-1' },
    ])
    await store.releaseShards(targetId, 'worker-a')
  })

  it('are not written by a worker whose lease somebody else has', async () => {
    const eventId = randomUUID()
    const late = await open('worker-b', await claim('worker-b', 60_000), eventId, 1)
    // As if it had slept past the end of its lease, and another one had taken the shard.
    await database.pool.query(`update delivery_shards set owner = 'worker-c', fence = fence + 1 where shard = 7`)
    await expect(late.record('sale', sale)).rejects.toThrow(StepNotRecordedError)
    expect(late.done.size).toBe(0)
    expect(await store.readSteps(targetId, eventId)).toEqual(new Map())
  })

  it('go when their event has ended and they are old, a batch at a time', async () => {
    const [ended, open, young] = [randomUUID(), randomUUID(), randomUUID()]
    const { pool } = database
    const insert = `insert into delivery_steps (target_id, event_id, step, document_id, kind, recorded_at)
      select $1, $2, step::text, 'D', 'sale', clock_timestamp() - make_interval(days => $3) from generate_series(1, 5) step`
    for (const [eventId, days] of [
      [ended, 40],
      [open, 40],
      [young, 1],
    ] as const)
      await pool.query(insert, [targetId, eventId, days])
    for (const eventId of [ended, young])
      await pool.query(
        `insert into delivery_results (target_id, event_id, result, attempts) values ($1, $2, 'delivered', 1)`,
        [targetId, eventId],
      )
    const monthMs = 30 * 86_400_000
    expect([await pruneSteps(pool, monthMs, 3), await pruneSteps(pool, monthMs, 3)]).toEqual([3, 2])
    expect(await pruneSteps(pool, monthMs, 3)).toBe(0)
    const left = await Promise.all([ended, open, young].map(async (id) => (await store.readSteps(targetId, id)).size))
    expect(left).toEqual([0, 5, 5])
  })

  it('are none for a connector that does not resume', async () => {
    const steps = await open('worker-c', [], randomUUID(), 1, false)
    await expect(steps.record('sale', sale)).rejects.toThrow(TypeError)
  })
})
