import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TargetDocument } from '../contract/connector.ts'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { readJourney } from './journey.ts'
import { createPostgresDeliveryStore } from './postgres-store.ts'
import { readTargetStatus } from './status.ts'
import { ensureTarget } from './targets.ts'
import type { Transition } from './transition.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.pool.query('truncate journal_events, delivery_targets restart identity cascade'))

/** Settles one new event at a target; returns its id. */
async function settle(transition: Transition, target = 'erp'): Promise<string> {
  const { pool } = database
  const { targetId } = await ensureTarget(pool, target, 'test')
  const store = createPostgresDeliveryStore(pool)
  const leases = await store.claimShards({
    targetId,
    workerId: 'w',
    leaseMs: 60_000,
    renewOnly: false,
    busy: new Set(),
  })
  await appendTestEvents(pool, [{ orderingKey: '9/1', shard: 1, transaction: makeSale(1) }])
  const event = (await store.readNew(leases, 10)).at(-1)
  if (!event) throw new Error('the event is there')
  const cursors = new Map([[event.shard, { xid: event.xid, position: event.position }]])
  const settlements = [{ event, transition, attempts: 1, hadEntry: false }]
  await store.commit({ targetId, workerId: 'w', leases, cursors, settlements })
  return event.eventId
}

const sale: TargetDocument = { documentId: 'b', kind: 'sale', amount: '5.1', tax: '0.81', currency: 'EUR' }
const picking: TargetDocument = { documentId: 'a', kind: 'picking', postedAt: '2026-03-02T08:15:25+00:00' }

const rowsOf = async (table: string) => {
  const { rows } = await database.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)
  return rows[0]?.n
}

describe('the documents of an event at a target', () => {
  it('are in one row with the result where there is one', async () => {
    const eventId = await settle({ state: 'delivered', documents: [sale] })
    expect(await readJourney(database.pool, eventId)).toMatchObject([{ state: 'delivered', documents: [sale] }])
    expect([await rowsOf('delivery_results'), await rowsOf('delivery_postings')]).toEqual([1, 0])
  })

  it('are all shown, in the order of their ids, one that is named twice once', async () => {
    const documents = [sale, picking, { ...sale }]
    const [journey] = await readJourney(database.pool, await settle({ state: 'delivered', documents }))
    expect(journey?.documents).toEqual([picking, sale])
  })

  it('are none where nothing was posted', async () => {
    const without = await settle({ state: 'delivered', documents: [] })
    const skipped = await settle({ state: 'skipped', reason: 'training' })
    expect(await readJourney(database.pool, without)).toMatchObject([{ state: 'delivered', documents: [] }])
    expect(await readJourney(database.pool, skipped)).toMatchObject([
      { state: 'skipped', reason: 'training', documents: [] },
    ])
    expect(await readTargetStatus(database.pool)).toMatchObject([{ delivered: 1, skipped: 1 }])
  })

  it('are still shown where a version before wrote the first one beside the result', async () => {
    const eventId = await settle({ state: 'delivered', documents: [] })
    await database.pool.query(
      `insert into delivery_postings (target_id, event_id, document_id, kind, amount) values (1, $1, 'old', 'sale', 7)`,
      [eventId],
    )
    expect(await readJourney(database.pool, eventId)).toMatchObject([
      { documents: [{ documentId: 'old', kind: 'sale', amount: '7' }] },
    ])
  })

  it('go with their target, and those of others stay', async () => {
    await settle({ state: 'delivered', documents: [sale, picking] })
    const kept = await settle({ state: 'delivered', documents: [sale, picking] }, 'books')
    await database.pool.query(`delete from delivery_targets where name = 'erp'`)
    expect([await rowsOf('delivery_results'), await rowsOf('delivery_postings')]).toEqual([1, 1])
    expect(await readJourney(database.pool, kept)).toMatchObject([{ target: 'books', documents: [picking, sale] }])
    await database.pool.query('truncate delivery_targets cascade')
    expect([await rowsOf('delivery_results'), await rowsOf('delivery_postings')]).toEqual([0, 0])
  })
})
