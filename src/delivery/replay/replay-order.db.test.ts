import { beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import { shardOf } from '../../journal/shard.ts'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { appendTestEvents, type TestEvent } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { ForgetfulBooks, makeTarget, startTarget, type TargetOptions, until } from '../simulation/forgetful-target.ts'
import { readTargetStatus } from '../status.ts'
import type { DeliveryStore } from '../store.ts'
import { runReplay } from './control.ts'
import { planReplay } from './plan-replay.ts'
import { readReplay, readReplayProgress } from './read.ts'

const database = useDeliveryDatabase()
let books: ForgetfulBooks
beforeEach(() => {
  books = new ForgetfulBooks()
})

const actor = 'cli:ada'
const lookUpOnly = { idempotent: false, lookUp: true, repeatable: true }
const tills = ['9/1', '9/2', '9/3', '9/4']

const sale = (orderingKey: string, number: number, changes: Partial<TestEvent> = {}): TestEvent => ({
  orderingKey,
  shard: shardOf(orderingKey),
  transaction: makeSale(number),
  ...changes,
})
const sell = (from: number, to: number): Promise<string[]> =>
  appendTestEvents(
    database.pool,
    Array.from({ length: to - from + 1 }, (_, index) => sale(tills[(from + index) % tills.length] ?? '', from + index)),
  )
const status = async () => (await readTargetStatus(database.pool))[0]

async function settle(options: TargetOptions = {}): Promise<void> {
  const running = await startTarget(database.pool, books, options)
  // A dependent that waits for its original is not pending, and not there yet either.
  const isSettled = async () => {
    const now = await status()
    return now?.pending === 0 && now.waiting === 0
  }
  await until(isSettled, 'nothing is pending, nothing waits')
  await running.stop()
}

async function plan(options: TargetOptions = {}, ratePerSecond = 10_000): Promise<string> {
  const { targetId, name, connection } = await makeTarget(database.pool, books, options)
  const request = { mode: 'missing', filter: {}, reason: 'restored', actor, ratePerSecond } as const
  const { replayId } = await planReplay(database.pool, { targetId, name, features: connection.features }, request)
  return replayId
}
const ended = (replayId: string) =>
  until(async () => (await readReplay(database.pool, replayId)).state === 'finished', 'the replay has ended')

function numbersOf(till: string, isWanted: (number: number) => boolean): number[] {
  return books.requests
    .filter((one) => one.subject.startsWith(`till:${till}/`))
    .map((one) => Number(one.subject.split('/').at(-1)))
    .filter(isWanted)
}
const ascending = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)

describe('the order of a replay', () => {
  it.each([
    ['idempotent', { idempotent: true, lookUp: false }],
    ['look-up only', lookUpOnly],
  ])('is kept in every lane, and that of live events beside it (%s)', async (_name, features) => {
    await sell(1, 120)
    await settle({ features })
    books.documents = []
    books.listen()
    books.latencyMs = 2
    const replayId = await plan({ features })
    const running = await startTarget(database.pool, books, { features })
    await runReplay(database.pool, replayId, actor)
    for (let number = 201; number <= 280; number += 4) await sell(number, number + 3)
    await ended(replayId)
    await until(async () => (await status())?.pending === 0, 'all is there')
    await running.stop()
    for (const till of tills) {
      const replayed = numbersOf(till, (number) => number <= 120)
      expect(replayed).toEqual(ascending(replayed))
      expect(replayed).toHaveLength(30)
      const live = numbersOf(till, (number) => number > 120)
      expect(live).toEqual(ascending(live))
      expect(live).toHaveLength(20)
    }
    // Never two requests of one lane on the line, replayed or live.
    expect(books.overlapped).toBe(false)
    expect(books.documents).toHaveLength(200)
  })

  it('is kept across failures: a live event does not overtake what was let go before it', async () => {
    await sell(1, 40)
    await settle()
    books.documents = []
    books.listen()
    let dice = 0
    books.judge = () => {
      dice += 1
      return dice % 3 === 0 ? { kind: 'retry', reason: 'HTTP 503' } : undefined
    }
    const replayId = await plan()
    const running = await startTarget(database.pool, books)
    await runReplay(database.pool, replayId, actor)
    await sell(201, 220)
    await ended(replayId)
    await until(async () => (await status())?.pending === 0, 'all is there')
    await running.stop()
    const booked = (till: string, isWanted: (number: number) => boolean) =>
      books.documents
        .filter((one) => one.subject.startsWith(`till:${till}/`))
        .map((one) => Number(one.subject.split('/').at(-1)))
        .filter(isWanted)
    for (const till of tills) {
      for (const isWanted of [(number: number) => number <= 40, (number: number) => number > 40]) {
        const numbers = booked(till, isWanted)
        expect(numbers).toEqual(ascending(numbers))
      }
    }
    expect(books.documents).toHaveLength(60)
    expect(await readReplayProgress(database.pool, replayId)).toMatchObject({ outcomes: { delivered: 40 } })
  })

  it('has originals before their dependents, in other lanes too', async () => {
    const pairs = 20
    for (let index = 0; index < pairs; index += 1) {
      const [original = ''] = await appendTestEvents(database.pool, [sale(`9/${10 + index}`, 1_000 + index)])
      await appendTestEvents(database.pool, [
        sale(`9/${60 + ((index * 7) % pairs)}`, 2_000 + index, { dependsOn: [original] }),
      ])
    }
    await settle()
    books.documents = []
    books.listen()
    books.judge = ({ subject }, { documents }) => {
      const number = Number(subject.split('/').at(-1))
      if (number < 2_000) return undefined
      const isThere = documents.some((one) => one.subject.endsWith(`/${number - 1_000}`))
      return isThere ? undefined : { kind: 'rejected', reason: 'the original is not in the books' }
    }
    const replayId = await plan()
    const running = await startTarget(database.pool, books)
    await runReplay(database.pool, replayId, actor)
    await ended(replayId)
    await running.stop()
    expect(await readReplayProgress(database.pool, replayId)).toEqual({
      planned: 0,
      open: 0,
      left: {},
      outcomes: { delivered: 2 * pairs },
    })
    expect(books.documents).toHaveLength(2 * pairs)
  })
})

describe('a replay and live events', () => {
  it('waits while live events are late, and goes when they are through', async () => {
    await sell(1, 20)
    await settle()
    const replayId = await plan()
    books.listen()
    await sell(201, 400)
    await database.pool.query(
      "update journal_events set recorded_at = recorded_at - interval '1 minute' where subject ~ '/[234]..$'",
    )
    books.latencyMs = 3
    const running = await startTarget(database.pool, books, { policy: { batchEventsMax: 20 } })
    await runReplay(database.pool, replayId, actor)
    await ended(replayId)
    await running.stop()
    const places = books.requests.map((one) => Number(one.subject.split('/').at(-1)))
    const firstReplayed = places.findIndex((number) => number <= 20)
    // Two workers have shards of their own; neither lets anything go before the live events of the other are through, too.
    expect(firstReplayed).toBe(200)
    expect(places).toHaveLength(220)
  })
})

describe('a portion that was let go while its answer was lost', () => {
  it('is not overtaken by live events of its lane', async () => {
    const till = '9/1'
    await appendTestEvents(
      database.pool,
      [1, 2, 3].map((number) => sale(till, number)),
    )
    await settle()
    books.documents = []
    books.listen()
    const replayId = await plan()
    let lost = 0
    const between = (store: DeliveryStore): DeliveryStore => ({
      ...store,
      feedReplay: async (request) => {
        const fed = (await store.feedReplay?.(request)) ?? { released: 0, settled: new Map() }
        if (lost > 0 || fed.released === 0) return fed
        lost = fed.released
        await appendTestEvents(database.pool, [sale(till, 201)])
        throw new Error('the connection was lost during COMMIT')
      },
    })
    await appendTestEvents(database.pool, [sale(till, 101)])
    // Nobody looks for entries within this test but who knows that they are there.
    const running = await startTarget(database.pool, books, { pollMs: 60_000, leaseMs: 90_000, between })
    await until(async () => (await status())?.pending === 0, 'the first live one is there')
    await runReplay(database.pool, replayId, actor)
    running.wake()
    await until(() => numbersOf(till, () => true).includes(201), 'the live one is there')
    await running.stop()
    expect(lost).toBeGreaterThan(0)
    expect(numbersOf(till, () => true).slice(0, lost + 2)).toEqual([101, ...[1, 2, 3].slice(0, lost), 201])
  })
})

describe('a hub that dies in the middle of a replay', () => {
  it.each([
    ['idempotent', { idempotent: true, lookUp: false }],
    ['look-up only', lookUpOnly],
  ])('goes on where it was: each once, none lost (%s)', async (_name, features) => {
    await sell(1, 150)
    await settle({ features })
    books.documents = []
    books.listen()
    books.latencyMs = 3
    const replayId = await plan({ features })
    await runReplay(database.pool, replayId, actor)
    let killed = 0
    for (const after of [30, 70, 110]) {
      const dying = await startTarget(database.pool, books, { features, leaseMs: 900 })
      await until(() => books.documents.length >= after, `${after} are there`)
      dying.kill()
      killed += 1
      expect((await readReplay(database.pool, replayId)).state).toBe('running')
      // What it had on the line comes to its end.
      await systemClock.sleep(50)
    }
    const running = await startTarget(database.pool, books, { features, leaseMs: 900 })
    await ended(replayId)
    await running.stop()
    expect(killed).toBe(3)
    expect(books.documents).toHaveLength(150)
    expect(new Set(books.documents.map((one) => one.subject)).size).toBe(150)
    expect(await readReplayProgress(database.pool, replayId)).toMatchObject({
      planned: 0,
      open: 0,
      outcomes: { delivered: 150 },
    })
    expect(await status()).toMatchObject({ delivered: 150, parked: 0, needsCheck: 0, pending: 0 })
  })
})
