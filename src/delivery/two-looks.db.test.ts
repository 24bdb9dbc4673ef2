import { expect, it } from 'vitest'
import { shardOf } from '../journal/shard.ts'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { retryParked } from './parked.ts'
import { ForgetfulBooks, startTarget, until } from './simulation/forgetful-target.ts'
import { readTargetStatus } from './status.ts'
import type { DeliveryStore, Entry, ShardLease } from './store.ts'

const database = useDeliveryDatabase()
const status = async () => (await readTargetStatus(database.pool))[0]

/**
 * Between the look at dependents and that at lanes a person takes the dependent back, so that both see it: the first as parked with an
 * original that is settled, the second as queued.
 */
function retryBetween(eventId: string): { between(store: DeliveryStore): DeliveryStore; happened(): boolean } {
  const looks = new WeakMap<readonly ShardLease[], Promise<Entry[]>>()
  let happened = false
  const look = async (
    store: DeliveryStore,
    ...[targetId, leases, limit]: Parameters<DeliveryStore['readReleased']>
  ) => {
    const released = await store.readReleased(targetId, leases, limit)
    if (!happened && released.some((entry) => entry.event.eventId === eventId)) {
      happened = true
      await retryParked(database.pool, { includeNeedsCheck: false, eventIds: [eventId] })
    }
    return released
  }
  return {
    happened: () => happened,
    between: (store) => ({
      ...store,
      readReleased: (targetId, leases, limit) => {
        const looking = look(store, targetId, leases, limit)
        looks.set(leases, looking)
        return looking
      },
      readDue: async (targetId, leases, request) => {
        await new Promise((resolve) => setImmediate(resolve))
        await looks.get(leases)
        return store.readDue(targetId, leases, request)
      },
    }),
  }
}

it('a dependent that a person takes back between two looks of a cycle is sent once', async () => {
  const books = new ForgetfulBooks()
  books.judge = () => ({ kind: 'rejected', reason: 'closed' })
  const at = (orderingKey: string, number: number) => ({
    orderingKey,
    shard: shardOf(orderingKey),
    transaction: makeSale(number),
  })
  const [original = ''] = await appendTestEvents(database.pool, [at('9/1', 1)])
  const [dependent = ''] = await appendTestEvents(database.pool, [{ ...at('9/2', 2), dependsOn: [original] }])
  let running = await startTarget(database.pool, books)
  await until(async () => (await status())?.parked === 2, 'both are parked')
  await running.stop()
  books.judge = () => undefined
  books.listen()
  await retryParked(database.pool, { includeNeedsCheck: false, eventIds: [original] })
  const { between, happened } = retryBetween(dependent)
  running = await startTarget(database.pool, books, { between })
  await until(async () => (await status())?.delivered === 2, 'both are delivered')
  await running.stop()
  expect(happened()).toBe(true)
  expect(books.requests.map((one) => one.subject)).toEqual(['till:9/1/1', 'till:9/2/2'])
})
