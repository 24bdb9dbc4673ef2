import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../contract/clock.ts'
import type { Connection, ConnectorFeatures, DeliveryEvent, Outcome } from '../contract/connector.ts'
import { silentLogger } from '../contract/logger.ts'
import { shardOf } from '../journal/shard.ts'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { appendTestEvents, type TestEvent } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { decide } from './decide.ts'
import { readJourney } from './journey.ts'
import { readParked, retryParked } from './parked.ts'
import { type DeliveryPolicy, defaultPolicy } from './policy.ts'
import { createPostgresDeliveryStore } from './postgres-store.ts'
import { readTargetStatus } from './status.ts'
import { ensureTarget } from './targets.ts'
import { runWorkers, TargetWorker } from './worker.ts'

const database = useDeliveryDatabase()

const delivered: Outcome = {
  kind: 'delivered',
  documents: [{ documentId: 'd', kind: 'sale', amount: '5.00', currency: 'EUR' }],
}
const event = (orderingKey: string, number: number, dependsOn: readonly string[] = []): TestEvent => ({
  orderingKey,
  shard: shardOf(orderingKey),
  transaction: makeSale(number),
  dependsOn,
})

interface Scene {
  answer(event: DeliveryEvent, attempt: number): Outcome | Promise<Outcome>
  features?: ConnectorFeatures
  policy?: Partial<DeliveryPolicy>
  findPosting?: Connection['findPosting']
}

/** Delivers with two workers until nothing is pending; returns the subjects in the order in which the target got them. */
async function deliver({
  answer,
  features = { idempotent: true, lookUp: false },
  policy,
  findPosting,
}: Scene): Promise<string[]> {
  const got: string[] = []
  const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
  const connection: Connection = {
    features,
    postTransaction: async (one, context) => {
      const outcome = await answer(one, context.attempt)
      if (outcome.kind === 'delivered') got.push(one.subject)
      return outcome
    },
    ...(findPosting && { findPosting }),
  }
  const target = {
    targetId,
    name: 'erp',
    connectorName: 'test',
    connection,
    policy: { ...defaultPolicy, backoffBaseMs: 5, backoffMaxMs: 20, attemptTimeoutMs: 500, cycleMaxMs: 50, ...policy },
    fetch: () => Promise.reject(new Error('no network')),
  }
  const store = createPostgresDeliveryStore(database.pool)
  const tools = { store, clock: systemClock, random: systemRandom, logger: silentLogger, decide }
  const workers = [1, 2].map(
    () => new TargetWorker(target, { ...tools, workerId: randomUUID() }, { leaseMs: 2_000, pollMs: 10 }),
  )
  const running = runWorkers(workers)
  // Dependents are judged again a moment after their originals, so stillness has to last.
  for (let look = 0, still = 0; look < 800 && still < 20; look += 1) {
    const [status] = await readTargetStatus(database.pool)
    still = status?.pending === 0 ? still + 1 : 0
    await systemClock.sleep(10)
  }
  for (const worker of workers) worker.stop()
  await running
  return got
}

const status = async () => (await readTargetStatus(database.pool))[0]

describe('delivery on PostgreSQL', () => {
  it('keeps the order of every till while answers fail and are lost', async () => {
    const keys = ['9/1', '9/2', '9/3', '9/4']
    await appendTestEvents(
      database.pool,
      Array.from({ length: 80 }, (_, index) => event(keys[index % 4] ?? '', index)),
    )
    let dice = 0
    const got = await deliver({
      answer: (_event, attempt) => {
        dice += 1
        if (attempt > 3 || dice % 3 > 0) return delivered
        return dice % 2 ? { kind: 'retry', reason: '503' } : { kind: 'unknown', reason: 'lost' }
      },
    })
    expect(got).toHaveLength(80)
    for (const key of keys) {
      const numbers = got
        .filter((subject) => subject.startsWith(`till:${key}/`))
        .map((subject) => Number(subject.split('/').at(-1)))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
    expect(await status()).toMatchObject({ delivered: 80, parked: 0, waiting: 0, pending: 0 })
  })

  it('parks what is refused with its dependents, goes on with the lane, and takes both back on retry', async () => {
    const [refused = ''] = await appendTestEvents(database.pool, [event('9/1', 1)])
    const [, dependent = ''] = await appendTestEvents(database.pool, [
      event('9/1', 2),
      event('9/2', 3, [refused]),
      event('9/1', 4),
    ])
    let isRefused = true
    const answer = (one: DeliveryEvent): Outcome =>
      one.eventId === refused && isRefused ? { kind: 'rejected', reason: 'no such item' } : delivered
    expect((await deliver({ answer })).toSorted()).toEqual(['till:9/1/2', 'till:9/1/4'])
    expect(await readParked(database.pool)).toMatchObject([
      { eventId: refused, receipt: 'till:9/1/1', state: 'parked', reasonCode: 'rejected', reason: 'no such item' },
      { eventId: dependent, state: 'parked', reasonCode: 'original-parked', waitsFor: refused },
    ])
    isRefused = false
    expect(await retryParked(database.pool, { eventIds: [refused], includeNeedsCheck: false })).toBe(1)
    expect(await deliver({ answer })).toEqual(['till:9/1/1', 'till:9/2/3'])
    expect(await status()).toMatchObject({ delivered: 4, parked: 0 })
  })

  it('lets a return wait for a sale that comes later, without using attempts', async () => {
    const original = randomUUID()
    await appendTestEvents(database.pool, [event('9/1', 1, [original]), event('9/1', 2)])
    expect(await deliver({ answer: () => delivered })).toEqual(['till:9/1/2'])
    expect(await readParked(database.pool)).toMatchObject([{ state: 'waiting', waitsFor: original, attempts: 0 }])
    await appendTestEvents(database.pool, [{ ...event('9/7', 3), eventId: original }])
    const later = [...(await deliver({ answer: () => delivered })), ...(await deliver({ answer: () => delivered }))]
    expect(later).toEqual(['till:9/7/3', 'till:9/1/1'])
    expect(await status()).toMatchObject({ delivered: 3, waiting: 0 })
  })

  it('parks a return whose sale never comes, or sends it where the target wants it so', async () => {
    await appendTestEvents(database.pool, [event('9/1', 1, [randomUUID()])])
    const policy = { waitDeadlineMs: 1 }
    await deliver({ answer: () => delivered, policy })
    await deliver({ answer: () => delivered, policy })
    expect(await readParked(database.pool)).toMatchObject([{ state: 'parked', reasonCode: 'original-missing' }])
    await retryParked(database.pool, { includeNeedsCheck: false })
    const got = [...(await deliver({ answer: () => delivered, policy: { ...policy, whenOriginalMissing: 'deliver' } }))]
    got.push(...(await deliver({ answer: () => delivered, policy: { ...policy, whenOriginalMissing: 'deliver' } })))
    expect(got).toEqual(['till:9/1/1'])
  })

  it('sends once at a target without idempotency, and leaves what it cannot know to a person', async () => {
    const [lost = ''] = await appendTestEvents(database.pool, [event('9/1', 1), event('9/1', 2), event('9/2', 3)])
    const sent: string[] = []
    const answer = (one: DeliveryEvent): Outcome => {
      sent.push(one.eventId)
      return one.eventId === lost ? { kind: 'unknown', reason: 'no answer' } : delivered
    }
    await deliver({ answer, features: { idempotent: false, lookUp: false } })
    expect(sent.filter((id) => id === lost)).toHaveLength(1)
    expect(new Set(sent).size).toBe(sent.length)
    expect(await status()).toMatchObject({ delivered: 2, parked: 1, needsCheck: 1 })
  })

  it('looks before it sends again where it can look', async () => {
    const [lost = ''] = await appendTestEvents(database.pool, [event('9/1', 1)])
    let sent = 0
    await deliver({
      features: { idempotent: false, lookUp: true },
      answer: () => {
        sent += 1
        return { kind: 'unknown', reason: 'no answer' }
      },
      findPosting: async () => [{ documentId: 'there', kind: 'sale' }],
    })
    expect(sent).toBe(1)
    expect(await readJourney(database.pool, lost)).toMatchObject([
      {
        state: 'delivered',
        attempts: 2,
        documents: [{ documentId: 'there' }],
        history: [{ outcome: 'unknown' }, { outcome: 'delivered' }],
      },
    ])
  })

  it('does not let one request that hangs hold up the other tills', async () => {
    await appendTestEvents(database.pool, [event('9/1', 1), event('9/2', 2), event('9/1', 3)])
    const order = await deliver({
      answer: async (one, attempt) => {
        if (one.subject === 'till:9/1/1' && attempt === 1) await systemClock.sleep(300)
        return delivered
      },
    })
    expect(order).toEqual(['till:9/2/2', 'till:9/1/1', 'till:9/1/3'])
    expect(await status()).toMatchObject({ delivered: 3, pending: 0 })
  })

  it('changes nothing for a worker whose shard has gone to another', async () => {
    await appendTestEvents(database.pool, [event('9/1', 1)])
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    const store = createPostgresDeliveryStore(database.pool)
    const first = await store.claimShards({ targetId, workerId: 'a', leaseMs: 1, renewOnly: false, busy: new Set() })
    await systemClock.sleep(20)
    const second = await store.claimShards({ targetId, workerId: 'b', leaseMs: 10, renewOnly: false, busy: new Set() })
    expect([first.length, second.length]).toEqual([64, 64])
    const [late] = await store.readNew(first, 10)
    if (!late) throw new Error('the event is there')
    const settlement = {
      event: late,
      transition: { state: 'skipped', reason: 'late' } as const,
      attempts: 1,
      hadEntry: false,
    }
    const held = await store.commit({
      targetId,
      workerId: 'a',
      leases: first,
      cursors: new Map(),
      settlements: [settlement],
    })
    expect(held.size).toBe(0)
    expect(await status()).toMatchObject({ skipped: 0, pending: 1 })
  })
})
