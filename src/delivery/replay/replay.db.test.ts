import { beforeEach, describe, expect, it } from 'vitest'
import { readActs } from '../../audit/acts.ts'
import { silentLogger } from '../../contract/logger.ts'
import { shardOf } from '../../journal/shard.ts'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { appendTestEvents, type TestEvent } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { readJourney } from '../journey.ts'
import { readParked } from '../parked.ts'
import { retryGroup } from '../parked-groups.ts'
import { ForgetfulBooks, makeTarget, startTarget, type TargetOptions, until } from '../simulation/forgetful-target.ts'
import { readTargetStatus } from '../status.ts'
import { abortReplay, pauseReplay, resumeReplay, runReplay } from './control.ts'
import { dryRun } from './dry-run.ts'
import { planReplay } from './plan-replay.ts'
import { readReplay, readReplayItems, readReplayProgress } from './read.ts'
import type { ReplayFilter, ReplayMode } from './replay.ts'

const database = useDeliveryDatabase()
let books: ForgetfulBooks
beforeEach(() => {
  books = new ForgetfulBooks()
})

const actor = 'cli:ada'
const both = { idempotent: true, lookUp: true, repeatable: true }
const lookUpOnly = { idempotent: false, lookUp: true, repeatable: true }
const neither = { idempotent: false, lookUp: false, repeatable: true }
const tools = { logger: silentLogger, now: () => Date.now() }
const tills = ['9/1', '9/2', '9/3', '9/4', '9/5']

const saleAt = (orderingKey: string, number: number, changes: Partial<TestEvent> = {}): TestEvent => ({
  orderingKey,
  shard: shardOf(orderingKey),
  transaction: makeSale(number),
  ...changes,
})
const sell = (from: number, to: number): Promise<string[]> =>
  appendTestEvents(
    database.pool,
    Array.from({ length: to - from + 1 }, (_, index) => {
      const number = from + index
      return saleAt(tills[number % tills.length] ?? '', number)
    }),
  )
const numbersOf = (subjects: readonly string[]) => subjects.map((subject) => Number(subject.split('/').at(-1)))
const requested = () => books.requests.map((one) => one.subject)
const status = async () => (await readTargetStatus(database.pool))[0]

/** Delivers until nothing is pending. */
async function settle(options: TargetOptions = {}): Promise<void> {
  const running = await startTarget(database.pool, books, options)
  await until(async () => (await status())?.pending === 0, 'nothing is pending')
  await running.stop()
}

async function plan(mode: ReplayMode = 'missing', filter: ReplayFilter = {}, options: TargetOptions = {}) {
  const { targetId, name, connection } = await makeTarget(database.pool, books, options)
  const request = { mode, filter, reason: 'restored from a backup', actor, ratePerSecond: 10_000 }
  return planReplay(database.pool, { targetId, name, features: connection.features }, request)
}

const stateOf = async (replayId: string) => (await readReplay(database.pool, replayId)).state
const ended = (replayId: string) =>
  until(async () => ['finished', 'aborted'].includes(await stateOf(replayId)), 'the replay has ended')

describe('a replay', () => {
  it('sends exactly the previewed set, whatever matches by the time it runs', async () => {
    await sell(1, 20)
    await settle()
    books.documents = []
    books.listen()
    const replay = await plan()
    expect(replay).toMatchObject({ state: 'planned', counts: { matched: 20, items: { delivered: 20 }, left: {} } })
    await sell(21, 30)
    await settle()
    expect(numbersOf(requested()).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => 21 + i))
    books.listen()

    const running = await startTarget(database.pool, books)
    await runReplay(database.pool, replay.replayId, actor)
    await sell(31, 35)
    await ended(replay.replayId)
    await until(async () => (await status())?.pending === 0, 'the live ones are there')
    await running.stop()
    const again = numbersOf(requested()).filter((number) => number <= 30)
    expect(again.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 1 + i))
    expect(await readReplayProgress(database.pool, replay.replayId)).toEqual({
      planned: 0,
      open: 0,
      left: {},
      outcomes: { delivered: 20 },
    })
    expect(books.documents).toHaveLength(35)
    expect(await status()).toMatchObject({ delivered: 35, parked: 0, pending: 0 })
  })

  it('has no second effect at a target that has it all, under the keys of before', async () => {
    const ids = await sell(1, 10)
    await settle()
    const first = structuredClone(books.documents)
    const replay = await plan()
    const running = await startTarget(database.pool, books)
    await runReplay(database.pool, replay.replayId, actor)
    await ended(replay.replayId)
    await running.stop()
    expect(books.documents).toEqual(first)
    expect(new Set(books.requests.map((one) => one.key))).toEqual(new Set(ids))
    expect(books.requests).toHaveLength(20)
  })

  it.each([
    ['that collapses repeats', both],
    ['that does not', lookUpOnly],
  ])('asks a target %s, and sends only what is not there', async (_name, features) => {
    const ids = await sell(1, 20)
    await settle({ features })
    const kept = books.documents.slice(0, 12)
    books.documents = [...kept]
    books.listen()
    const replay = await plan('missing', {}, { features })
    const target = await makeTarget(database.pool, books, { features })
    const looked = await dryRun(database.pool, target, replay, { limit: 50 }, tools)
    expect(looked.filter((one) => one.preview?.effect === 'none')).toHaveLength(12)
    expect(looked.filter((one) => one.preview?.effect === 'new-document')).toHaveLength(8)
    expect(books.requests).toEqual([])

    const running = await startTarget(database.pool, books, { features })
    await runReplay(database.pool, replay.replayId, actor)
    await ended(replay.replayId)
    await running.stop()
    expect(books.requests).toHaveLength(8)
    expect(new Set(books.documents.map((one) => one.subject)).size).toBe(20)
    expect(books.documents).toHaveLength(20)
    for (const id of ids) {
      const [journey] = await readJourney(database.pool, id)
      expect(journey).toMatchObject({ state: 'delivered', replays: [{ mode: 'missing', generation: 0 }] })
      expect(journey?.documents).toHaveLength(1)
    }
  })

  it('leaves what a target may have that can neither be asked nor collapses repeats', async () => {
    await sell(1, 6)
    await settle({ features: neither, policy: { transactionTypes: ['RETURN'] } })
    await sell(7, 9)
    await settle({ features: neither })
    const replay = await plan('missing', {}, { features: neither })
    expect(replay.counts).toEqual({ matched: 9, items: { skipped: 6 }, left: { 'cannot-be-asked': 3 }, follow: 0 })
    const running = await startTarget(database.pool, books, { features: neither })
    await runReplay(database.pool, replay.replayId, actor)
    await ended(replay.replayId)
    await running.stop()
    expect(books.documents).toHaveLength(9)
    expect(await status()).toMatchObject({ delivered: 9, skipped: 0 })
  })

  it('leaves an event that is not what the plan said any more', async () => {
    const [first = ''] = await sell(1, 3)
    let refuses = true
    books.judge = (event) => (refuses && event.eventId === first ? { kind: 'rejected', reason: 'closed' } : undefined)
    await settle()
    refuses = false
    const replay = await plan('again')
    expect(replay.counts.items).toEqual({ delivered: 2, parked: 1 })
    await retryGroup(database.pool, { target: 'erp', includeNeedsCheck: false, actor })
    await settle()
    const running = await startTarget(database.pool, books)
    await runReplay(database.pool, replay.replayId, actor, { confirmAgain: true })
    await ended(replay.replayId)
    await running.stop()
    const items = await readReplayItems(database.pool, replay.replayId, { limit: 10 })
    expect(items.find((one) => one.eventId === first)).toMatchObject({ state: 'left', leftBecause: 'changed' })
    expect(books.documents.filter((one) => one.subject.endsWith('/1'))).toHaveLength(1)
    expect(books.documents).toHaveLength(5)
  })

  it('leaves an event that was parked once more since the plan, for whatever cause', async () => {
    await sell(1, 2)
    let reason = 'HTTP 422: unknown item 4711'
    books.judge = ({ subject }) => (subject.endsWith('/1') ? { kind: 'rejected', reason } : undefined)
    await settle()
    const replay = await plan()
    const asBefore = await plan('missing', { states: ['parked'] })
    reason = 'the period is closed'
    await retryGroup(database.pool, { target: 'erp', includeNeedsCheck: false, actor })
    await settle()
    const running = await startTarget(database.pool, books)
    await runReplay(database.pool, replay.replayId, actor)
    await ended(replay.replayId)
    expect(await readReplayProgress(database.pool, replay.replayId)).toMatchObject({
      left: { changed: 1 },
      outcomes: { delivered: 1 },
    })
    await runReplay(database.pool, asBefore.replayId, actor)
    await ended(asBefore.replayId)
    expect(await readReplayProgress(database.pool, asBefore.replayId)).toMatchObject({ left: { changed: 1 } })
    const now = await plan('missing', { states: ['parked'] })
    await runReplay(database.pool, now.replayId, actor)
    await ended(now.replayId)
    await running.stop()
    expect(await readReplayProgress(database.pool, now.replayId)).toMatchObject({ left: {}, outcomes: { parked: 1 } })
  })

  it('is found by store, day, type, time, state and error', async () => {
    const day = '2026-03-03'
    await appendTestEvents(database.pool, [
      saleAt('9/1', 1),
      saleAt('9/1', 2, { transaction: makeSale(2, { businessDayDate: day }) }),
      saleAt('8/1', 3, { transaction: makeSale(3, { businessUnitId: '8', businessDayDate: day }) }),
      saleAt('9/2', 4, { transaction: makeSale(4, { transactionType: 'RETURN' }) }),
    ])
    books.judge = (event) =>
      event.subject.endsWith('/4') ? { kind: 'rejected', reason: 'HTTP 422: unknown item 4711' } : undefined
    await settle()
    const matched = async (filter: ReplayFilter) => (await plan('missing', filter)).counts.matched
    expect(await matched({})).toBe(4)
    expect(await matched({ businessUnitId: '8' })).toBe(1)
    expect(await matched({ businessDayDate: day })).toBe(2)
    expect(await matched({ businessDayDate: day, businessUnitId: '9' })).toBe(1)
    expect(await matched({ transactionTypes: ['RETURN'] })).toBe(1)
    expect(await matched({ recordedUntil: new Date(0) })).toBe(0)
    expect(await matched({ recordedSince: new Date(0), recordedUntil: new Date(Date.now() + 60_000) })).toBe(4)
    expect(await matched({ states: ['delivered'] })).toBe(3)
    expect(await matched({ error: 'UNKNOWN item' })).toBe(1)
    expect(await matched({ error: 'rejected' })).toBe(1)
    expect(await matched({ error: 'no such words' })).toBe(0)
    expect(await matched({ error: 'rejected', businessUnitId: '8' })).toBe(0)
  })

  it('leaves to delivery what delivery has not reached or has under way', async () => {
    await sell(1, 3)
    const { counts } = await plan()
    expect(counts).toMatchObject({ matched: 3, items: {}, left: { 'on-its-way': 3 } })
  })

  it('brings what left no trace, as after a restore of the hub', async () => {
    await sell(1, 3)
    await settle()
    await database.pool.query('truncate delivery_results, delivery_result_batches')
    const replay = await plan()
    expect(replay.counts.items).toEqual({ unaccounted: 3 })
    const running = await startTarget(database.pool, books)
    await runReplay(database.pool, replay.replayId, actor)
    await ended(replay.replayId)
    await running.stop()
    expect(books.documents).toHaveLength(3)
    expect(await status()).toMatchObject({ delivered: 3 })
  })

  it('is paused, goes on, and is aborted: what was not let go stays as it was', async () => {
    await sell(1, 60)
    await settle()
    const replay = await plan()
    books.listen()
    const running = await startTarget(database.pool, books)
    const { replayId } = replay
    await runReplay(database.pool, replayId, actor, { ratePerSecond: 40 })
    await until(() => books.requests.length >= 10, 'ten are sent')
    await pauseReplay(database.pool, replayId, actor)
    await until(async () => (await status())?.pending === 0, 'what was let go is there')
    const whilePaused = books.requests.length
    expect(whilePaused).toBeLessThan(60)
    await sell(61, 62)
    await until(() => books.requests.length === whilePaused + 2, 'live events go on')
    expect((await readReplayProgress(database.pool, replayId)).planned).toBe(60 - whilePaused)

    await resumeReplay(database.pool, replayId, actor)
    await until(() => books.requests.length >= whilePaused + 12, 'it goes on')
    await abortReplay(database.pool, replayId, actor)
    await ended(replayId)
    const sent = books.requests.length - 2
    expect(sent).toBeLessThan(60)
    const progress = await readReplayProgress(database.pool, replayId)
    expect(progress).toEqual({ planned: 60 - sent, open: 0, left: {}, outcomes: { delivered: sent } })
    await running.stop()
    expect(await stateOf(replayId)).toBe('aborted')
    expect(await status()).toMatchObject({ delivered: 62, pending: 0 })
    await expect(resumeReplay(database.pool, replayId, actor)).rejects.toMatchObject({ code: 'replay-state' })
    const acts = await readActs(database.pool, `replay:${replayId}`)
    expect(acts.map(({ act }) => act)).toEqual([
      'replay.plan',
      'replay.run',
      'replay.pause',
      'replay.resume',
      'replay.abort',
    ])
    expect(acts[0]).toMatchObject({ actor, reason: 'restored from a backup', details: { target: 'erp', matched: 60 } })
  })

  it('keeps to its rate', async () => {
    await sell(1, 30)
    await settle()
    const replay = await plan()
    const running = await startTarget(database.pool, books)
    const startedAt = Date.now()
    await runReplay(database.pool, replay.replayId, actor, { ratePerSecond: 20 })
    await ended(replay.replayId)
    await running.stop()
    // Thirty at twenty a second; the first may go at once.
    expect(Date.now() - startedAt).toBeGreaterThan(1_400)
  })

  it('is the only one under way at its target', async () => {
    await sell(1, 3)
    await settle()
    const [one, other] = [await plan(), await plan()]
    await runReplay(database.pool, one.replayId, actor)
    await expect(runReplay(database.pool, other.replayId, actor)).rejects.toMatchObject({ code: 'replay-under-way' })
    expect(await stateOf(other.replayId)).toBe('planned')
    await abortReplay(database.pool, other.replayId, actor)
    expect(await stateOf(other.replayId)).toBe('aborted')
    await expect(readReplay(database.pool, 'nobody')).rejects.toMatchObject({ code: 'unknown-replay' })
  })
})

describe('a replay in mode again', () => {
  it('needs a yes, and sends under another key, once', async () => {
    const ids = await sell(1, 5)
    await settle({ features: both })
    books.listen()
    const replay = await plan('again', {}, { features: both })
    const target = await makeTarget(database.pool, books, { features: both })
    const looked = await dryRun(database.pool, target, replay, { limit: 5 }, tools)
    expect(looked.map((one) => one.preview?.effect)).toEqual(Array.from({ length: 5 }, () => 'second-document'))
    await expect(runReplay(database.pool, replay.replayId, actor)).rejects.toMatchObject({ code: 'replay-unconfirmed' })
    const running = await startTarget(database.pool, books, { features: both })
    await runReplay(database.pool, replay.replayId, actor, { confirmAgain: true })
    await ended(replay.replayId)
    expect(new Set(books.requests.map((one) => one.key))).toEqual(new Set(ids.map((id) => `${id}-1`)))
    expect(books.documents).toHaveLength(10)

    // The target is restored to the time between: the first documents are there, and are no proof of the second.
    books.documents = books.documents.slice(0, 5)
    books.listen()
    const missing = await plan('missing', {}, { features: both })
    await runReplay(database.pool, missing.replayId, actor)
    await ended(missing.replayId)
    await running.stop()
    expect(new Set(books.requests.map((one) => one.key))).toEqual(new Set(ids.map((id) => `${id}-1`)))
    expect(books.documents).toHaveLength(10)
  })

  it('has one more effect each at a target that must be asked, though answers are lost', async () => {
    await sell(1, 20)
    await settle({ features: lookUpOnly })
    expect(books.documents).toHaveLength(20)
    const replay = await plan('again', {}, { features: lookUpOnly })
    const tries = new Map<string, number>()
    const tryOf = (subject: string) => tries.get(subject) ?? 0
    books.judge = ({ subject }) => {
      tries.set(subject, tryOf(subject) + 1)
      // Lost on the way there: only the document of before is found.
      return (numbersOf([subject])[0] ?? 0) % 3 === 0 && tryOf(subject) === 1
        ? { kind: 'unknown', reason: 'lost on the way' }
        : undefined
    }
    books.losesAnswer = ({ subject }) => (numbersOf([subject])[0] ?? 0) % 3 === 1 && tryOf(subject) === 1
    const running = await startTarget(database.pool, books, { features: lookUpOnly })
    await runReplay(database.pool, replay.replayId, actor, { confirmAgain: true })
    await ended(replay.replayId)
    await running.stop()
    expect(books.documents).toHaveLength(40)
    for (const till of tills) expect(new Set(requested().filter((one) => one.startsWith(`till:${till}/`))).size).toBe(4)
  })

  it('is refused where a target knows a receipt by its own number', async () => {
    const features = { idempotent: false, lookUp: true, resumes: true }
    await expect(plan('again', {}, { features })).rejects.toMatchObject({ code: 'replay-impossible' })
  })
})

describe('a parked original and those that wait for it', () => {
  it('go in their order when the original is replayed, and the plan says that they follow', async () => {
    const [sale = ''] = await appendTestEvents(database.pool, [saleAt('9/1', 1)])
    await appendTestEvents(database.pool, [saleAt('9/2', 2, { dependsOn: [sale] })])
    let refuses = true
    books.judge = () => (refuses ? { kind: 'rejected', reason: 'unknown item' } : undefined)
    await settle()
    await until(async () => (await readParked(database.pool)).every((one) => one.state === 'parked'), 'both are parked')
    refuses = false
    const replay = await plan('missing', { error: 'unknown item' })
    expect(replay.counts).toEqual({ matched: 1, items: { parked: 1 }, left: {}, follow: 1 })
    const running = await startTarget(database.pool, books)
    books.listen()
    await runReplay(database.pool, replay.replayId, actor)
    await until(async () => (await status())?.delivered === 2, 'both are delivered')
    await running.stop()
    expect(requested()).toEqual(['till:9/1/1', 'till:9/2/2'])
  })
})
