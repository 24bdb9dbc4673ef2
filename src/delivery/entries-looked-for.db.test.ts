import { expect, it } from 'vitest'
import { shardOf } from '../journal/shard.ts'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { ForgetfulBooks, startTarget, until } from './simulation/forgetful-target.ts'
import { readTargetStatus } from './status.ts'

const database = useDeliveryDatabase()

const sell = (numbers: readonly number[], dependsOn?: readonly string[]) =>
  appendTestEvents(
    database.pool,
    numbers.map((number) => ({
      ...{ orderingKey: '9/1', shard: shardOf('9/1'), transaction: makeSale(number) },
      ...(dependsOn && { dependsOn }),
    })),
  )

it('entries are looked for where the target has some, and nowhere else', async () => {
  const books = new ForgetfulBooks()
  let looks = 0
  const running = await startTarget(database.pool, books, {
    between: (store) => ({
      ...store,
      readHeld: (...asked) => {
        looks += 1
        return store.readHeld(...asked)
      },
    }),
  })
  const status = async () => (await readTargetStatus(database.pool))[0]
  await sell([1, 2, 3])
  await until(async () => (await status())?.delivered === 3, 'all are delivered')
  const before = running.rounds()
  await until(() => running.rounds() > before + 20, 'both have looked for something new')
  expect(looks).toBe(0)

  // A return whose sale is not there waits as an entry, and goes when the sale has come.
  const original = '00000000-0000-4000-8000-000000000001'
  await sell([4], [original])
  await until(async () => (await status())?.waiting === 1, 'the return waits')
  await until(() => looks > 2, 'it is looked for')
  await appendTestEvents(database.pool, [
    { eventId: original, orderingKey: '9/2', shard: shardOf('9/2'), transaction: makeSale(5) },
  ])
  await until(async () => (await status())?.delivered === 5, 'sale and return are delivered')
  await running.stop()
})
