import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../contract/clock.ts'
import type { DeliveryEvent, Outcome } from '../contract/connector.ts'
import { silentLogger } from '../contract/logger.ts'
import { shardOf } from '../journal/shard.ts'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { decide } from './decide.ts'
import { retryParked } from './parked.ts'
import { drainTarget } from './pause.ts'
import { defaultPolicy } from './policy.ts'
import { createPostgresDeliveryStore } from './postgres-store.ts'
import { readTargetStatus } from './status.ts'
import { ensureTarget } from './targets.ts'
import { TargetWorker } from './worker.ts'

const database = useDeliveryDatabase()
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

/** A worker of a target with strict order, in small cycles: what holds a lane must hold it from one to the next. */
async function strictTarget(answer: (event: DeliveryEvent) => Outcome) {
  const taken: string[] = []
  const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
  const target = {
    targetId,
    name: 'erp',
    connectorName: 'test',
    connection: {
      features: { idempotent: true, lookUp: false },
      postTransaction: async (event: DeliveryEvent) => {
        const outcome = answer(event)
        if (outcome.kind === 'delivered') taken.push(event.subject.slice('till:9/'.length).replace('/-/', '/'))
        return outcome
      },
    },
    policy: { ...defaultPolicy, strictOrder: true, batchEventsMax: 3 },
    fetch: () => Promise.reject(new Error('no network')),
  }
  const store = createPostgresDeliveryStore(database.pool)
  const tools = { store, clock: systemClock, random: systemRandom, logger: silentLogger, decide, workerId: 'a' }
  const worker = new TargetWorker(target, tools, { leaseMs: 30_000, pollMs: 10 })
  await worker.announce()
  return {
    of: (till: number) => taken.filter((receipt) => receipt.startsWith(`${till}/`)),
    rounds: async (count: number) => {
      for (let round = 0; round < count; round += 1) await worker.runOnce()
    },
  }
}

const delivered: Outcome = { kind: 'delivered', documents: [] }
const refusesSecondOfTillOne = ({ transaction: { workstationId, sequenceNumber } }: DeliveryEvent): Outcome =>
  workstationId === '1' && sequenceNumber === 2 ? { kind: 'rejected', reason: 'no such item' } : delivered

describe('a target with strict order', () => {
  it('is sent nothing of a till behind its parked event, for as long as it is parked', async () => {
    let isMended = false
    const { of, rounds } = await strictTarget((event) => (isMended ? delivered : refusesSecondOfTillOne(event)))
    await sell(1, 4)
    await rounds(8)
    await sell(5, 6)
    await rounds(8)
    expect(of(1)).toEqual(['1/1'])
    expect(of(2)).toEqual(['2/1', '2/2', '2/3', '2/4', '2/5', '2/6'])

    isMended = true
    await retryParked(database.pool, { includeNeedsCheck: false })
    await rounds(8)
    expect(of(1)).toEqual(['1/1', '1/2', '1/3', '1/4', '1/5', '1/6'])
  })

  it('is sent nothing behind an event that waits for its original, until that has come', async () => {
    const { of, rounds } = await strictTarget(() => delivered)
    const original = randomUUID()
    const sale = (number: number, more: object = {}) => ({
      orderingKey: '9/1',
      shard: shardOf('9/1'),
      transaction: makeSale(number, { workstationId: '1' }),
      ...more,
    })
    await appendTestEvents(database.pool, [sale(1), sale(2, { dependsOn: [original] }), sale(3)])
    await rounds(8)
    expect(of(1)).toEqual(['1/1'])
    const other = { orderingKey: '9/2', shard: shardOf('9/2'), transaction: makeSale(9, { workstationId: '2' }) }
    await appendTestEvents(database.pool, [{ ...other, eventId: original }])
    await rounds(12)
    expect([of(1), of(2)]).toEqual([['1/1', '1/2', '1/3'], ['2/9']])
  })

  it('is drained though a till stands behind a parked event', async () => {
    const { rounds } = await strictTarget(refusesSecondOfTillOne)
    await sell(1, 4)
    await drainTarget(database.pool, 'erp', 'maintenance', 'test')
    await rounds(12)
    expect((await readTargetStatus(database.pool))[0]).toMatchObject({ state: 'paused', parked: 1, pending: 2 })
  })
})
