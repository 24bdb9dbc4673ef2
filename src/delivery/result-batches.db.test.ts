import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TargetDocument } from '../contract/connector.ts'
import type { JournalEvent } from '../journal/event.ts'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { readJourney } from './journey.ts'
import { createPostgresDeliveryStore } from './postgres-store.ts'
import { unpackResultsText } from './replay/queries.ts'
import { readTargetStatus } from './status.ts'
import { ensureTarget } from './targets.ts'
import type { Transition } from './transition.ts'

const database = useDeliveryDatabase()

const append = (shards: readonly number[]) =>
  appendTestEvents(
    database.pool,
    shards.map((shard, index) => ({ orderingKey: `9/${shard}`, shard, transaction: makeSale(index + 1) })),
  )

/** A worker that settles whatever is new, at most so many events in a cycle. */
async function openWorker() {
  const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
  const store = createPostgresDeliveryStore(database.pool)
  const claim = { targetId, workerId: 'w', leaseMs: 60_000, renewOnly: false, busy: new Set<number>() }
  const cycle = async (limit: number, decide: (event: JournalEvent) => Transition, fencesBehind = 0) => {
    const leases = (await store.claimShards(claim)).map((lease) => ({
      ...lease,
      fence: String(Number(lease.fence) - fencesBehind),
    }))
    const events = await store.readNew(leases, limit)
    const cursors = new Map(events.map((event) => [event.shard, { xid: event.xid, position: event.position }]))
    const settlements = events.map((event) => ({ event, transition: decide(event), attempts: 1, hadEntry: false }))
    await store.commit({
      ...{ targetId, workerId: claim.workerId, cursors, settlements },
      leases: leases.filter(({ shard }) => cursors.has(shard)),
    })
    return events
  }
  return { targetId, store, cycle }
}

const rowsOf = async (table: string) => {
  const { rows } = await database.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)
  return rows[0]?.n
}
const journeyOf = async (eventId: string) => (await readJourney(database.pool, eventId))[0]

/** As they are told: nothing of a field that is not there. */
const oddDocuments: TargetDocument[][] = [
  [{ documentId: 'a "quoted", {braced} \\ id', kind: 'sale', amount: '5.1', tax: '0.81', currency: 'EUR' }],
  [],
  [{ documentId: 'null', kind: 'refund', amount: '-12.34567', currency: 'SEK' }],
  [{ documentId: ' ', kind: 'größe/日本', postedAt: '2026-03-02T08:15:25.123456+00:00' }],
  [{ documentId: '5', kind: 'sale' }],
]

describe('results of one cycle', () => {
  it('are one row, and each event has its own all the same', async () => {
    const ids = await append(oddDocuments.map(() => 7))
    const { cycle } = await openWorker()
    await cycle(10, ({ eventId }) => ({ state: 'delivered', documents: oddDocuments[ids.indexOf(eventId)] ?? [] }))
    expect([await rowsOf('delivery_results'), await rowsOf('delivery_result_batches')]).toEqual([0, 1])
    for (const [index, id] of ids.entries())
      expect(await journeyOf(id)).toMatchObject({ state: 'delivered', attempts: 1, documents: oddDocuments[index] })
    expect(await readTargetStatus(database.pool)).toMatchObject([{ delivered: ids.length, pending: 0 }])
  })

  it('are nothing where the fence has moved on', async () => {
    const ids = await append([7, 7, 7, 7])
    const { cycle } = await openWorker()
    await cycle(10, () => ({ state: 'delivered', documents: [] }), 1)
    expect(await rowsOf('delivery_result_batches')).toBe(0)
    expect(await journeyOf(ids[0] ?? '')).toMatchObject({ state: 'not-reached' })
  })

  it('settle an original for those that wait for it, and go with their target', async () => {
    const [first = '', , third = ''] = await append([7, 7, 7, 7])
    const { store, targetId, cycle } = await openWorker()
    await cycle(3, () => ({ state: 'delivered', documents: [] }))
    const absent = '00000000-0000-4000-8000-000000000000'
    expect(await store.originalStates(targetId, [first, third, absent])).toEqual(
      new Map([
        [first, 'settled'],
        [third, 'settled'],
        [absent, 'absent'],
      ]),
    )
    await database.pool.query('delete from delivery_targets')
    expect(await rowsOf('delivery_result_batches')).toBe(0)
  })

  it('can be taken apart, and say the same as before', async () => {
    const ids = await append([7, 7, 7, 8, 8, 8, 9, 9, 9])
    const { targetId, cycle } = await openWorker()
    await cycle(20, ({ eventId, shard }) => ({
      state: 'delivered',
      documents: shard === 9 ? [] : [{ documentId: eventId, kind: 'sale', amount: `${shard}.5`, currency: 'EUR' }],
    }))
    const before = await Promise.all(ids.map(journeyOf))
    const documentsOf = async () =>
      (await database.pool.query('select * from delivery_documents order by event_id')).rows
    const documents = await documentsOf()
    expect(documents).toHaveLength(6)
    await database.pool.query(unpackResultsText, [targetId, [ids[0], ids[1], ids[8]]])
    expect(await documentsOf()).toEqual(documents)
    expect([await rowsOf('delivery_results'), await rowsOf('delivery_result_batches')]).toEqual([6, 1])
    expect(await Promise.all(ids.map(journeyOf))).toEqual(before)
    // What has a row already is left alone.
    await database.pool.query(unpackResultsText, [targetId, ids])
    expect([await rowsOf('delivery_results'), await rowsOf('delivery_result_batches')]).toEqual([9, 0])
    expect(await Promise.all(ids.map(journeyOf))).toEqual(before)
  })

  it('are found for every event, however cycles cut the journal', async () => {
    const transitionOf: Record<string, (eventId: string) => Transition> = {
      delivered: (documentId) => ({ state: 'delivered', documents: [{ documentId, kind: 'sale' }] }),
      bare: () => ({ state: 'delivered', documents: [] }),
      skipped: () => ({ state: 'skipped', reason: 'training' }),
      parked: () => ({ state: 'parked', reasonCode: 'rejected', reason: 'no such item' }),
    }
    const event = fc.record({
      shard: fc.integer({ min: 1, max: 3 }),
      how: fc.constantFrom('delivered', 'delivered', 'delivered', 'bare', 'skipped', 'parked'),
    })
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 30 }), cuts, async (events, limits) => {
        await database.pool.query('truncate journal_events, delivery_targets restart identity cascade')
        const ids = await append(events.map(({ shard }) => shard))
        const howOf = new Map(ids.map((id, index) => [id, events[index]?.how ?? '']))
        const { cycle } = await openWorker()
        for (let round = 0; ; round += 1) {
          const limit = limits[round % limits.length] ?? 1
          const read = await cycle(limit, ({ eventId }) => (transitionOf[howOf.get(eventId) ?? ''] ?? fail)(eventId))
          if (read.length === 0) break
        }
        for (const id of ids) {
          const how = howOf.get(id) ?? ''
          const documents = how === 'delivered' ? [{ documentId: id, kind: 'sale' }] : []
          expect(await journeyOf(id)).toMatchObject({ state: how === 'bare' ? 'delivered' : how, documents })
        }
      }),
      { numRuns: 12 },
    )
  })
})

function fail(): never {
  throw new Error('every event has an end')
}
