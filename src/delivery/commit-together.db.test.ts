import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { readJourney } from './journey.ts'
import { createPostgresDeliveryStore } from './postgres-store.ts'
import { readTargetStatus } from './status.ts'
import type { Commit, DeliveryStore, ShardLease } from './store.ts'
import { ensureTarget } from './targets.ts'
import type { Transition } from './transition.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => database.pool.query('truncate journal_events, delivery_targets restart identity cascade'))

interface Worker {
  leases: ShardLease[]
  eventId: string
  commit(transition: Transition, hadEntry?: boolean): Promise<Set<number>>
}

/** A worker of a target of its own, with the same event to settle as all others. */
async function openWorker(store: DeliveryStore, name: string): Promise<Worker> {
  const { targetId } = await ensureTarget(database.pool, name, 'test')
  const claim = { targetId, workerId: 'w', leaseMs: 60_000, renewOnly: false, busy: new Set<number>() }
  const leases = await store.claimShards(claim)
  const [event] = await store.readNew(leases, 1)
  if (!event) throw new Error('the event is there')
  return {
    leases,
    eventId: event.eventId,
    commit: (transition, hadEntry = false) => {
      const commit: Commit = {
        ...{ targetId, workerId: claim.workerId, leases: leases.filter(({ shard }) => shard === event.shard) },
        cursors: new Map([[event.shard, event]]),
        settlements: [{ event, transition, attempts: 1, hadEntry }],
      }
      return store.commit(commit)
    },
  }
}

const delivered = (amount = '5.00'): Transition => ({
  state: 'delivered',
  documents: [{ documentId: 'b', kind: 'sale', amount, currency: 'EUR' }],
})
const documentOf = (documentId: string, kind: string, currency: string): Transition => ({
  state: 'delivered',
  documents: [{ documentId, kind, amount: `${documentId}.5`, tax: '0.1', currency }],
})
const parked: Transition = { state: 'parked', reasonCode: 'rejected', reason: 'no such item' }

/** Transactions that wrote results. */
async function countTransactions(): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    'select count(distinct xmin::text)::int as n from delivery_results',
  )
  return rows[0]?.n ?? 0
}

const shard = 7
const names = ['a', 'b', 'c', 'd']

async function openWorkers(): Promise<Worker[]> {
  await appendTestEvents(database.pool, [{ orderingKey: '9/1', shard, transaction: makeSale(1) }])
  const store = createPostgresDeliveryStore(database.pool)
  const workers: Worker[] = []
  for (const name of names) workers.push(await openWorker(store, name))
  return workers
}

describe('commits of several targets at a time', () => {
  it('are written together, each at its own target', async () => {
    const workers = await openWorkers()
    const transitions: Transition[] = [delivered(), { state: 'skipped', reason: 'training' }, parked, delivered()]
    const held = await Promise.all(workers.map((worker, index) => worker.commit(transitions[index] ?? parked)))
    expect(held).toEqual(names.map(() => new Set([shard])))
    expect(await readTargetStatus(database.pool)).toMatchObject([
      { name: 'a', delivered: 1, parked: 0 },
      { name: 'b', skipped: 1 },
      { name: 'c', delivered: 0, parked: 1 },
      { name: 'd', delivered: 1 },
    ])
    expect(await countTransactions()).toBe(1)
  })

  it('change nothing where a fence has moved on, and everything elsewhere', async () => {
    const workers = await openWorkers()
    await database.pool.query(`update delivery_shards set fence = fence + 1 where target_id = 2 and shard = $1`, [
      shard,
    ])
    const held = await Promise.all(workers.map((worker) => worker.commit(delivered())))
    expect(held.map((shards) => shards.has(shard))).toEqual([true, false, true, true])
    const status = await readTargetStatus(database.pool)
    expect(status.map((one) => one.delivered)).toEqual([1, 0, 1, 1])
  })

  it('fail only where one cannot be written', async () => {
    const workers = await openWorkers()
    const amounts = ['1.00', '2.00', `1${'0'.repeat(30)}`, '4.00']
    const held = await Promise.allSettled(workers.map((worker, index) => worker.commit(delivered(amounts[index]))))
    expect(held.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    const status = await readTargetStatus(database.pool)
    expect(status.map((one) => one.delivered)).toEqual([1, 1, 0, 1])
  })

  it('follow one another where they are of one shard', async () => {
    const [worker] = await openWorkers()
    const held = await Promise.all([worker?.commit(parked), worker?.commit(delivered(), true)])
    expect(held).toEqual([new Set([shard]), new Set([shard])])
    expect(await readTargetStatus(database.pool)).toMatchObject([{ delivered: 1, parked: 0 }, {}, {}, {}])
  })

  it.each<[string, Transition[]]>([
    [
      'alike in all but their numbers',
      [documentOf('1', 'sale', 'EUR'), documentOf('2', 'sale', 'EUR'), documentOf('3', 'sale', 'EUR')],
    ],
    [
      'of several kinds',
      [documentOf('1', 'sale', 'EUR'), documentOf('2', 'refund', 'SEK'), documentOf('3', 'sale', 'EUR')],
    ],
    [
      'there and not there',
      [documentOf('1', 'sale', 'EUR'), { state: 'delivered', documents: [] }, { state: 'skipped', reason: 'training' }],
    ],
  ])('keep each its own document: %s', async (_, transitions) => {
    const workers = await openWorkers()
    await Promise.all(transitions.map((transition, index) => workers[index]?.commit(transition)))
    const journey = await readJourney(database.pool, workers[0]?.eventId ?? '')
    for (const [index, transition] of transitions.entries()) {
      const { state } = transition
      const documents = state === 'delivered' ? transition.documents : []
      expect(journey.find(({ target }) => target === names[index])).toMatchObject({ state, documents, attempts: 1 })
    }
  })
})
