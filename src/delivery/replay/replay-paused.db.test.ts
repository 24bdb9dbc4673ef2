import { beforeEach, describe, expect, it } from 'vitest'
import { readActs } from '../../audit/acts.ts'
import { silentLogger } from '../../contract/logger.ts'
import { shardOf } from '../../journal/shard.ts'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { appendTestEvents } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { pauseTarget, resumeTarget } from '../pause.ts'
import { ForgetfulBooks, makeTarget, startTarget, until } from '../simulation/forgetful-target.ts'
import { readTargetStatus } from '../status.ts'
import type { FedReplay } from '../store.ts'
import { abortReplay, pauseReplay, runReplay } from './control.ts'
import { dryRun } from './dry-run.ts'
import { planReplay } from './plan-replay.ts'
import { prunePlans } from './prune-plans.ts'
import { countReplaysUnderWay, readReplay, readReplayItems, readReplayProgress, readReplays } from './read.ts'
import { planExpiresMs, planKeptMs } from './replay.ts'

const database = useDeliveryDatabase()
let books: ForgetfulBooks
beforeEach(() => {
  books = new ForgetfulBooks()
})

const actor = 'cli:ada'
/** Receipts a second at which a dozen is not gone before a pause holds. */
const slow = 20
const features = { idempotent: true, lookUp: true, repeatable: true }
const tools = { logger: silentLogger, now: () => Date.now() }
const status = async () => (await readTargetStatus(database.pool))[0]
const stateOf = async (replayId: string) => (await readReplay(database.pool, replayId)).state

/** So many sales of four tills, delivered. */
async function deliver(count: number): Promise<void> {
  await appendTestEvents(
    database.pool,
    Array.from({ length: count }, (_, index) => {
      const orderingKey = `9/${index % 4}`
      return { orderingKey, shard: shardOf(orderingKey), transaction: makeSale(index + 1) }
    }),
  )
  const running = await startTarget(database.pool, books, { features })
  await until(async () => (await status())?.delivered === count, 'all is delivered')
  await running.stop()
  books.listen()
}

async function plan(ratePerSecond = 10_000): Promise<string> {
  const { targetId, name, connection } = await makeTarget(database.pool, books, { features })
  const request = { mode: 'missing', filter: {}, reason: 'restored', actor, ratePerSecond } as const
  const planned = await planReplay(database.pool, { targetId, name, features: connection.features }, request)
  return planned.replayId
}

/** As if the plan had been made so long ago. */
const age = (replayId: string, ms: number) =>
  database.pool.query(
    `update delivery_replays set planned_at = planned_at - $2 * interval '1 millisecond' where replay_id = $1`,
    [replayId, ms],
  )

describe('a replay at a target that is paused', () => {
  it('is planned and previewed, says that it waits, and goes when the target is resumed', async () => {
    await deliver(8)
    books.documents = books.documents.slice(0, 5)
    await pauseTarget(database.pool, 'erp', 'stock-taking', actor)
    const replayId = await plan()
    const replay = await readReplay(database.pool, replayId)
    expect(replay).toMatchObject({
      counts: { items: { delivered: 8 } },
      targetPause: { code: 'operator', reason: 'stock-taking' },
    })
    const target = await makeTarget(database.pool, books, { features })
    const looked = await dryRun(database.pool, target, replay, { limit: 50 }, tools)
    expect(looked.filter((one) => one.preview?.effect === 'none')).toHaveLength(5)
    expect(looked.filter((one) => one.preview?.effect === 'new-document')).toHaveLength(3)

    const running = await startTarget(database.pool, books, { features })
    await runReplay(database.pool, replayId, actor)
    const before = running.rounds()
    await until(() => running.rounds() > before + 5, 'workers have looked some times')
    expect(await readReplayProgress(database.pool, replayId)).toMatchObject({ planned: 8, open: 0 })
    expect(books.requests).toEqual([])
    await resumeTarget(database.pool, 'erp', actor)
    await until(async () => (await stateOf(replayId)) === 'finished', 'it has ended')
    await running.stop()
    expect(books.requests).toHaveLength(3)
    expect(await readReplay(database.pool, replayId)).not.toHaveProperty('targetPause')
  })

  it('has its ends written down and can be aborted meanwhile', async () => {
    await deliver(12)
    const replayId = await plan(slow)
    // The last answers come when the target is paused already, and with them ends that nobody has written down yet.
    let paused: Promise<unknown> | undefined
    books.documents = []
    books.judge = () => {
      paused ??= pauseTarget(database.pool, 'erp', 'stock-taking', actor)
      return undefined
    }
    books.latencyMs = 20
    const told: FedReplay[] = []
    const running = await startTarget(database.pool, books, { features, onReplayed: (fed) => told.push(fed) })
    await runReplay(database.pool, replayId, actor)
    await until(async () => paused !== undefined && (await status())?.state === 'paused', 'it is paused')
    const seen = running.rounds()
    await until(() => running.rounds() > seen + 10, 'what was on the line is there')
    const settled = async () => (await readReplayProgress(database.pool, replayId)).outcomes.delivered ?? 0
    await until(async () => (await settled()) === books.documents.length, 'every end is written down')
    expect(await stateOf(replayId)).toBe('running')
    const { open, planned } = await readReplayProgress(database.pool, replayId)
    expect(open + planned + (await settled())).toBe(12)
    expect(await countReplaysUnderWay(database.pool)).toEqual([{ target: 'erp', planned, open }])
    expect(told.reduce((sum, fed) => sum + fed.released, 0)).toBe(12 - planned)
    expect(told.reduce((sum, fed) => sum + (fed.settled.get('delivered') ?? 0), 0)).toBe(await settled())

    await abortReplay(database.pool, replayId, actor)
    if (open === 0) await until(async () => (await stateOf(replayId)) === 'aborted', 'it is aborted')
    await resumeTarget(database.pool, 'erp', actor)
    await until(async () => (await stateOf(replayId)) === 'aborted', 'it is aborted')
    await running.stop()
  })

  it('that is paused itself has the ends written down of what it let go', async () => {
    await deliver(12)
    const replayId = await plan()
    books.latencyMs = 20
    const running = await startTarget(database.pool, books, { features: { ...features, lookUp: false } })
    await runReplay(database.pool, replayId, actor)
    await until(() => books.requests.length > 0, 'something goes')
    await pauseReplay(database.pool, replayId, actor)
    await until(async () => {
      const { open, planned, outcomes } = await readReplayProgress(database.pool, replayId)
      return open === 0 && planned + (outcomes.delivered ?? 0) === 12
    }, 'nothing is told as under way')
    await running.stop()
    // Nothing may be left of it, and it is for a person to let it end.
    expect(await stateOf(replayId)).toBe('paused')
  })
})

describe('a plan', () => {
  it('is run within its time, and not after it', async () => {
    await deliver(4)
    const replayId = await plan()
    await age(replayId, planExpiresMs - 60_000)
    const { plannedAt, expiresAt } = await readReplay(database.pool, replayId)
    expect(expiresAt?.getTime()).toBe(plannedAt.getTime() + planExpiresMs)
    await age(replayId, 61_000)
    await expect(runReplay(database.pool, replayId, actor)).rejects.toMatchObject({ code: 'replay-expired' })
    expect(await stateOf(replayId)).toBe('planned')
    expect((await readActs(database.pool, `replay:${replayId}`)).map(({ act }) => act)).toEqual(['replay.plan'])
    await age(replayId, -120_000)
    expect(await runReplay(database.pool, replayId, actor)).toMatchObject({ state: 'running' })
    // What was begun in time goes on.
    await age(replayId, 2 * planKeptMs)
    const running = await startTarget(database.pool, books, { features })
    await until(async () => (await stateOf(replayId)) === 'finished', 'it has ended')
    await running.stop()
  })

  it('that was never run is deleted some time later, bit by bit, and what ran is kept', async () => {
    await deliver(10)
    const [ran, old, aborted, young, died] = [await plan(), await plan(), await plan(), await plan(), await plan()]
    const running = await startTarget(database.pool, books, { features })
    await runReplay(database.pool, ran, actor)
    await until(async () => (await stateOf(ran)) === 'finished', 'it has ended')
    await running.stop()
    await abortReplay(database.pool, aborted, actor)
    // A process that died while it made the plan.
    await database.pool.query(`update delivery_replays set state = 'planning' where replay_id = $1`, [died])
    for (const replayId of [ran, old, aborted, died]) await age(replayId, planKeptMs + 60_000)

    const rounds: number[] = []
    do rounds.push(await prunePlans(database.pool, planKeptMs, 12))
    while (rounds.at(-1) === 12)
    expect(rounds).toEqual([12, 12, 6])
    const kept = (await readReplays(database.pool)).map((one) => one.replayId)
    expect(new Set(kept)).toEqual(new Set([ran, young]))
    for (const replayId of [ran, young])
      expect(await readReplayItems(database.pool, replayId, { limit: 50 })).toHaveLength(10)
    const { rows } = await database.pool.query('select from delivery_replay_items')
    expect(rows).toHaveLength(20)
    await expect(readReplay(database.pool, old)).rejects.toMatchObject({ code: 'unknown-replay' })
    expect(await readActs(database.pool, `replay:${old}`)).toHaveLength(1)
  })
})
