import { beforeEach, describe, expect, it } from 'vitest'
import { shardOf } from '../../journal/shard.ts'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { appendTestEvents, type TestEvent } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { retryParked } from '../parked.ts'
import { ForgetfulBooks, makeTarget, startTarget, until } from '../simulation/forgetful-target.ts'
import { readTargetStatus } from '../status.ts'
import { abortReplay, runReplay } from './control.ts'
import { planReplay } from './plan-replay.ts'
import { readReplay, readReplayProgress } from './read.ts'
import type { ReplayFilter } from './replay.ts'

const database = useDeliveryDatabase()
let books: ForgetfulBooks
beforeEach(() => {
  books = new ForgetfulBooks()
})

const actor = 'cli:ada'
const options = { policy: { strictOrder: true } }
const status = async () => (await readTargetStatus(database.pool))[0]
const sale = (orderingKey: string, number: number, changes: Partial<TestEvent> = {}): TestEvent => ({
  orderingKey,
  shard: shardOf(orderingKey),
  transaction: makeSale(number),
  ...changes,
})
const sell = (till: string, from: number, to: number) =>
  appendTestEvents(
    database.pool,
    Array.from({ length: to - from + 1 }, (_, index) => sale(till, from + index)),
  )
const numbersOf = (till: string) =>
  books.requests.flatMap((one) =>
    one.subject.startsWith(`till:${till}/`) ? [Number(one.subject.split('/').at(-1))] : [],
  )
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const start = () => startTarget(database.pool, books, options)

async function run(filter: ReplayFilter = {}): Promise<string> {
  const { targetId, name, connection } = await makeTarget(database.pool, books, options)
  const request = { mode: 'missing', filter, reason: 'restored', actor, ratePerSecond: 10_000 } as const
  const { replayId } = await planReplay(database.pool, { targetId, name, features: connection.features }, request)
  await runReplay(database.pool, replayId, actor)
  return replayId
}
const stateOf = async (replayId: string) => (await readReplay(database.pool, replayId)).state
const ended = (replayId: string) => until(async () => (await stateOf(replayId)) === 'finished', 'the replay has ended')
const refuse = (till: string, number: number) => {
  books.judge = ({ subject }) =>
    subject === `till:${till}/${number}` ? { kind: 'rejected', reason: 'unknown item' } : undefined
}

describe('a replay at a target with strict order', () => {
  it.each([10, 12])(
    'stops a till at what the target refuses (the %ith), and goes on in order when it is settled',
    async (refused) => {
      await sell('9/1', 1, 30)
      await sell('9/2', 1, 30)
      let running = await start()
      await until(async () => (await status())?.delivered === 60, 'all is delivered')
      await running.stop()
      books.documents = []
      books.listen()
      refuse('9/1', refused)
      const replayId = await run()
      running = await start()
      await until(() => numbersOf('9/2').length === 30, 'the other till is through')
      await until(async () => (await status())?.parked === 1, 'one is refused')
      await sell('9/1', 31, 33)
      await until(async () => (await status())?.pending !== 0, 'live ones wait behind it')
      const seen = running.rounds()
      await until(() => running.rounds() > seen + 10, 'workers have looked some times')
      expect(numbersOf('9/1')).toEqual(range(1, refused))
      expect(await stateOf(replayId)).toBe('running')

      books.judge = () => undefined
      await retryParked(database.pool, { includeNeedsCheck: false })
      await ended(replayId)
      await until(async () => (await status())?.delivered === 63, 'all is there')
      await running.stop()
      // Live receipts wait behind what was stopped, and go before what was not let go by then.
      const replayed = numbersOf('9/1').filter((number) => number <= 30)
      expect(replayed).toEqual([...range(1, refused), ...range(refused, 30)])
      expect(numbersOf('9/1').filter((number) => number > 30)).toEqual([31, 32, 33])
      expect(books.overlapped).toBe(false)
    },
  )

  it('brings back a parked receipt though others of its till stand behind it', async () => {
    await sell('9/1', 1, 5)
    refuse('9/1', 2)
    let running = await start()
    await until(async () => (await status())?.parked === 1 && (await status())?.delivered === 1, 'the till stands')
    await running.stop()
    books.judge = () => undefined
    books.listen()
    const replayId = await run({ states: ['parked'] })
    running = await start()
    await ended(replayId)
    await until(async () => (await status())?.delivered === 5, 'all is there')
    await running.stop()
    expect(numbersOf('9/1')).toEqual([2, 3, 4, 5])
  })

  it('lets nothing of a till go behind what is parked there and no part of it, and can be aborted', async () => {
    await sell('9/1', 1, 2)
    refuse('9/1', 1)
    // Delivered as a target without strict order, which it was until now.
    let running = await startTarget(database.pool, books)
    await until(async () => (await status())?.parked === 1 && (await status())?.delivered === 1, 'one is parked')
    await running.stop()
    await sell('9/2', 1, 2)
    books.listen()
    const replayId = await run({ states: ['delivered'] })
    running = await start()
    await until(() => numbersOf('9/2').length === 2, 'the other till goes on')
    const seen = running.rounds()
    await until(() => running.rounds() > seen + 10, 'workers have looked some times')
    expect(numbersOf('9/1')).toEqual([])
    expect(await readReplayProgress(database.pool, replayId)).toMatchObject({ planned: 1, open: 0 })
    await abortReplay(database.pool, replayId, actor)
    await until(async () => (await stateOf(replayId)) === 'aborted', 'it is aborted')
    await running.stop()
  })

  it('lets a whole till wait for a dependent whose original was not let go yet', async () => {
    const [original = ''] = await sell('9/8', 1, 1)
    await appendTestEvents(database.pool, [sale('9/9', 2, { dependsOn: [original] }), sale('9/9', 3)])
    let running = await start()
    await until(async () => (await status())?.delivered === 3, 'all is delivered')
    await running.stop()
    books.documents = []
    books.listen()
    books.latencyMs = 10
    const replayId = await run()
    running = await start()
    await ended(replayId)
    await running.stop()
    expect(books.requests.map((one) => one.subject)).toEqual(['till:9/8/1', 'till:9/9/2', 'till:9/9/3'])
  })

  it('does not stand still where two tills wait for one another', async () => {
    const [first, second] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
    // Each till has a return of a sale that the other till sent later than its own return.
    await appendTestEvents(database.pool, [
      sale('9/8', 1, { dependsOn: [second] }),
      sale('9/9', 1, { dependsOn: [first] }),
    ])
    await appendTestEvents(database.pool, [sale('9/8', 2, { eventId: first }), sale('9/9', 2, { eventId: second })])
    let running = await startTarget(database.pool, books)
    await until(async () => (await status())?.delivered === 4, 'all is delivered')
    await running.stop()
    books.documents = []
    books.listen()
    const replayId = await run()
    running = await start()
    await ended(replayId)
    await running.stop()
    expect([numbersOf('9/8'), numbersOf('9/9')]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })
})
