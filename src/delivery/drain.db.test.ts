import { beforeEach, describe, expect, it } from 'vitest'
import { readActs } from '../audit/acts.ts'
import { shardOf } from '../journal/shard.ts'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { readParked } from './parked.ts'
import { drainTarget, pauseTarget, resumeTarget } from './pause.ts'
import { ForgetfulBooks, makeTarget, startTarget, until } from './simulation/forgetful-target.ts'
import { readTargetStatus } from './status.ts'

const database = useDeliveryDatabase()
let books: ForgetfulBooks
beforeEach(() => {
  books = new ForgetfulBooks()
})

const event = (number: number, dependsOn?: string[]) => {
  const orderingKey = `9/${number % 7}`
  return {
    orderingKey,
    shard: shardOf(orderingKey),
    transaction: makeSale(number),
    ...(dependsOn && { dependsOn }),
  }
}
const sell = (from: number, to: number) =>
  appendTestEvents(
    database.pool,
    Array.from({ length: to - from + 1 }, (_, index) => event(from + index)),
  )
const status = async () => (await readTargetStatus(database.pool))[0]
const isPaused = async () => (await status())?.state === 'paused'

describe('a target that is draining (states.md)', () => {
  it.each([
    ['idempotent', { idempotent: true, lookUp: false }],
    ['look-up only', { idempotent: false, lookUp: true }],
  ])(
    'gets what was recorded before, with its retries, nothing newer, and is paused then (%s)',
    async (_n, features) => {
      await makeTarget(database.pool, books, { features })
      await sell(1, 40)
      let failures = 6
      books.judge = () => {
        failures -= 1
        return failures >= 0 ? { kind: 'retry', reason: 'HTTP 503' } : undefined
      }
      const begun = await drainTarget(database.pool, 'erp', 'move to a new server', 'cli:ada')
      expect(begun).toMatchObject({ changed: true, drain: { reason: 'move to a new server' } })
      expect(await status()).toMatchObject({ state: 'draining' })
      await sell(41, 60)
      const running = await startTarget(database.pool, books, { features })
      await until(isPaused, 'the drain is over')
      expect(await status()).toMatchObject({
        delivered: 40,
        pending: 20,
        pause: { code: 'operator', reason: 'move to a new server' },
      })
      expect(books.documents.every((one) => Number(one.subject.split('/').at(-1)) <= 40)).toBe(true)
      expect(await resumeTarget(database.pool, 'erp')).toBe(true)
      await until(async () => (await status())?.pending === 0, 'the rest is there')
      await running.stop()
      expect(books.documents).toHaveLength(60)
      expect(await status()).toMatchObject({ state: 'active', delivered: 60 })
    },
  )

  it('does not wait for what is parked, or waits for an original', async () => {
    const [refused = ''] = await sell(1, 1)
    await appendTestEvents(database.pool, [event(2, ['00000000-0000-4000-8000-000000000000'])])
    books.judge = ({ eventId }) => (eventId === refused ? { kind: 'rejected', reason: 'no' } : undefined)
    await makeTarget(database.pool, books)
    await drainTarget(database.pool, 'erp', 'x')
    const running = await startTarget(database.pool, books)
    await until(isPaused, 'the drain is over')
    await running.stop()
    expect((await readParked(database.pool)).map((one) => one.state).toSorted()).toEqual(['parked', 'waiting'])
  })

  it('waits for a transaction that had begun to record when it was asked for', async () => {
    await makeTarget(database.pool, books)
    const client = await database.pool.connect()
    await client.query('begin')
    await client.query(
      `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
       values (gen_random_uuid(), $1, 'pos.transaction.recorded.v1', 'till:9/1/1', '9/1', $2)`,
      [shardOf('9/1'), JSON.stringify({ transaction: makeSale(1), findings: [] })],
    )
    // One more commit, so that the open transaction lies below the mark.
    await sell(7, 7)
    await drainTarget(database.pool, 'erp', 'x')
    const running = await startTarget(database.pool, books)
    await until(() => new Promise((resolve) => setTimeout(() => resolve(true), 300)), 'some rounds are over')
    expect(await status()).toMatchObject({ state: 'draining' })
    await client.query('commit')
    client.release()
    await until(isPaused, 'the drain is over')
    await running.stop()
    expect(books.documents.map((one) => one.subject).toSorted()).toEqual(['till:9/0/7', 'till:9/1/1'])
  })

  it('keeps its first reason; is paused or resumed at once by an operator; leaves a paused target paused', async () => {
    await makeTarget(database.pool, books)
    await sell(1, 3)
    await drainTarget(database.pool, 'erp', 'first', 'cli:ada')
    expect(await drainTarget(database.pool, 'erp', 'second')).toMatchObject({
      changed: false,
      drain: { reason: 'first' },
    })
    expect(await pauseTarget(database.pool, 'erp', 'now')).toMatchObject({ changed: true, pause: { reason: 'now' } })
    expect(await drainTarget(database.pool, 'erp', 'third')).toMatchObject({ changed: false, pause: { reason: 'now' } })
    expect(await resumeTarget(database.pool, 'erp')).toBe(true)
    await drainTarget(database.pool, 'erp', 'fourth')
    expect(await resumeTarget(database.pool, 'erp', 'cli:ada')).toBe(true)
    expect(await status()).toMatchObject({ state: 'active' })
    expect(await status()).not.toHaveProperty('drain')
    await expect(drainTarget(database.pool, 'nobody', 'x')).rejects.toMatchObject({ code: 'unknown-target' })
    const acts = await readActs(database.pool, 'target:erp')
    expect(acts.slice(-5).map(({ act }) => act)).toEqual([
      'target.drain',
      'target.pause',
      'target.resume',
      'target.drain',
      'target.resume',
    ])
  })
})
