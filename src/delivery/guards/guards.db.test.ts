import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../../contract/clock.ts'
import type { DeliveryEvent, Outcome } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { shardOf } from '../../journal/shard.ts'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { appendTestEvents } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { decide } from '../decide.ts'
import { readJourney } from '../journey.ts'
import { type DeliveryPolicy, defaultPolicy } from '../policy.ts'
import { createPostgresDeliveryStore } from '../postgres-store.ts'
import { readTargetStatus } from '../status.ts'
import { ensureTarget } from '../targets.ts'
import { runWorkers, TargetWorker } from '../worker.ts'
import { budgetOf } from './budget.ts'
import { createPostgresGuardStore } from './postgres-guards.ts'

const database = useDeliveryDatabase()

const delivered: Outcome = { kind: 'delivered', documents: [{ documentId: 'd', kind: 'sale' }] }

async function sell(count: number, lanes = 40): Promise<string[]> {
  return appendTestEvents(
    database.pool,
    Array.from({ length: count }, (_, index) => {
      const orderingKey = `9/${index % lanes}`
      return { orderingKey, shard: shardOf(orderingKey), transaction: makeSale(index + 1) }
    }),
  )
}

interface Scene {
  workersCount: number
  policy?: Partial<DeliveryPolicy>
  answer(event: DeliveryEvent): Outcome | Promise<Outcome>
  name?: string
}

/** Workers as of several processes, each with a store of its own. */
async function work({ workersCount, policy, answer, name = 'erp' }: Scene) {
  const beganAt: number[] = []
  let [inFlight, inFlightMax] = [0, 0]
  const { targetId } = await ensureTarget(database.pool, name, 'test')
  const target = {
    targetId,
    name,
    connectorName: 'test',
    connection: {
      features: { idempotent: true, lookUp: false },
      postTransaction: async (event: DeliveryEvent) => {
        beganAt.push(performance.now())
        inFlight += 1
        inFlightMax = Math.max(inFlightMax, inFlight)
        const outcome = await answer(event)
        inFlight -= 1
        return outcome
      },
    },
    policy: { ...defaultPolicy, backoffBaseMs: 20, backoffMaxMs: 50, attemptTimeoutMs: 500, attemptsMax: 2, ...policy },
    fetch: () => Promise.reject(new Error('no network')),
  }
  // As in a hub: a worker has one name at all its targets.
  const workers = Array.from({ length: workersCount }, (_, index) => {
    const store = createPostgresDeliveryStore(database.pool)
    const tools = {
      workerId: `worker-${index}`,
      store,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      decide,
    }
    return new TargetWorker(target, tools, { leaseMs: 2_000, pollMs: 20 })
  })
  const running = runWorkers(workers)
  return {
    targetId,
    beganAt,
    inFlightMax: () => inFlightMax,
    until: async (met: () => boolean | Promise<boolean>) => {
      for (let look = 0; look < 1_000 && !(await met()); look += 1) await systemClock.sleep(10)
    },
    stop: async () => {
      for (const worker of workers) worker.stop()
      await running
    },
  }
}

const statusOf = async (name = 'erp') => (await readTargetStatus(database.pool)).find((one) => one.name === name)
const isDone = async () => (await statusOf())?.pending === 0

describe('the rate budget of a target', () => {
  it('is never exceeded by two stores that draw as fast as they can, and is given out whole', async () => {
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    const stores = [createPostgresGuardStore(database.pool), createPostgresGuardStore(database.pool)]
    const budget = budgetOf({ perSecond: 100, burst: 20 })
    const clock = async () => {
      const { rows } = await database.pool.query<{ at: number }>(
        'select extract(epoch from clock_timestamp())::float8 as at',
      )
      return rows[0]?.at ?? 0
    }
    const granted: { from: number; to: number; tokens: number }[] = []
    const draw = async (store: (typeof stores)[number], until: number) => {
      while (performance.now() < until) {
        const from = await clock()
        const { granted: tokens } = await store.draw(targetId, { budget, tokens: 7, debt: 0 })
        if (tokens > 0) granted.push({ from, to: await clock(), tokens })
      }
    }
    const until = performance.now() + 1_500
    await Promise.all(stores.flatMap((store) => [draw(store, until), draw(store, until)]))
    expect(granted.reduce((sum, one) => sum + one.tokens, 0)).toBeGreaterThan(budget.capacity)
    // Between two times of the database no more was given out than the bucket and what came meanwhile.
    for (const { from } of granted) {
      for (const { to } of granted) {
        const inside = granted.filter((one) => one.from >= from && one.to <= to)
        const tokens = inside.reduce((sum, one) => sum + one.tokens, 0)
        if (tokens > 0) expect(tokens).toBeLessThanOrEqual(budget.capacity + 100 * (to - from) + 0.01)
      }
    }
  })

  it('charges what was used without asking', async () => {
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    const store = createPostgresGuardStore(database.pool)
    const budget = budgetOf({ perSecond: 10, burst: 4 })
    expect(await store.draw(targetId, { budget, tokens: 1, debt: 0 })).toMatchObject({ granted: 1 })
    const { granted, waitMs } = await store.draw(targetId, { budget, tokens: 1, debt: 10 })
    expect(granted).toBe(0)
    expect(waitMs).toBeGreaterThan(700)
  })

  it('holds for the requests of four workers, which lose nothing by it', async () => {
    await sell(60)
    const rate = { perSecond: 40, burst: 6 }
    const workers = await work({ workersCount: 4, policy: { rate }, answer: () => delivered })
    await workers.until(isDone)
    await workers.stop()
    expect(await statusOf()).toMatchObject({ delivered: 60, parked: 0, pending: 0 })
    const { beganAt } = workers
    expect(beganAt).toHaveLength(60)
    for (const [first, from] of beganAt.entries()) {
      for (const [offset, to] of beganAt.slice(first).entries()) {
        // On a busy machine a process may be away between its token and its request.
        expect(offset + 1).toBeLessThanOrEqual(rate.burst + rate.perSecond * ((to - from) / 1_000 + 0.1))
      }
    }
  })
})

describe('the requests on their way to a target', () => {
  it.each([
    ['fewer than the workers', 3, 4],
    ['more than the workers', 7, 4],
  ])('are together never more than its limit (%s)', async (_name, concurrencyMax, workersCount) => {
    await sell(120)
    const answer = async () => {
      await systemClock.sleep(10)
      return delivered
    }
    const workers = await work({ workersCount, policy: { concurrencyMax }, answer })
    await workers.until(isDone)
    const { rows } = await database.pool.query<{ sum: number }>('select sum(permits)::int as sum from delivery_permits')
    await workers.stop()
    expect(rows).toEqual([{ sum: concurrencyMax }])
    expect(workers.inFlightMax()).toBeLessThanOrEqual(concurrencyMax)
    expect(workers.inFlightMax()).toBeGreaterThan(1)
    expect(await statusOf()).toMatchObject({ delivered: 120, parked: 0 })
    const { rows: left } = await database.pool.query('select from delivery_permits')
    expect(left).toHaveLength(0)
  })

  it('are given up before another worker has them', async () => {
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    const store = createPostgresDeliveryStore(database.pool)
    const claim = (workerId: string, ceiling: number) =>
      store.guards.claimPermits({ targetId, workerId, permitsMax: 8, ceiling, leaseMs: 5_000 })
    await store.announce('a')
    expect(await claim('a', 0)).toEqual({ count: 8, isFair: true, allHave: true })
    await store.announce('b')
    expect(await claim('b', 0)).toEqual({ count: 0, isFair: false, allHave: true })
    // It hears that four are its share, and may have eight on their way until then.
    expect(await claim('a', 8)).toEqual({ count: 4, isFair: false, allHave: true })
    expect(await claim('b', 0)).toEqual({ count: 0, isFair: false, allHave: true })
    expect(await claim('a', 4)).toEqual({ count: 4, isFair: true, allHave: true })
    expect(await claim('b', 0)).toEqual({ count: 4, isFair: true, allHave: true })
    await store.announce('c')
    const two = { targetId, workerId: 'c', permitsMax: 2, ceiling: 0, leaseMs: 5_000 }
    expect(await store.guards.claimPermits(two)).toMatchObject({ count: 0, allHave: false })
  })
})

describe('a target that has had enough', () => {
  it('is sent nothing by any worker until its Retry-After is over, and no event uses an attempt', async () => {
    const ids = await sell(40)
    let throttledAt = 0
    const answer = (): Outcome => {
      if (throttledAt > 0) return delivered
      throttledAt = performance.now()
      return { kind: 'retry', reason: 'HTTP 429', throttled: true, afterMs: 1_200 }
    }
    const workers = await work({ workersCount: 4, policy: { attemptsMax: 1, concurrencyMax: 4 }, answer })
    await workers.until(async () => (await statusOf())?.guard.heldUntil !== undefined)
    expect(await statusOf()).toMatchObject({ guard: { breaker: 'closed', heldReason: 'HTTP 429' }, parked: 0 })
    await workers.until(isDone)
    await workers.stop()
    // What was on the line when the answer came, and what began until the others had read of it.
    const during = workers.beganAt.filter((at) => at > throttledAt + 500 && at < throttledAt + 1_190)
    expect(during).toEqual([])
    expect(await statusOf()).toMatchObject({ delivered: 40, parked: 0 })
    for (const id of ids)
      expect(await readJourney(database.pool, id)).toMatchObject([{ state: 'delivered', attempts: 1 }])
  })

  it('is held for a day at most', async () => {
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    await sell(1)
    const answer = (): Outcome => ({ kind: 'retry', reason: 'HTTP 429', throttled: true, afterMs: 1e15 })
    const workers = await work({ workersCount: 1, answer })
    await workers.until(async () => (await createPostgresGuardStore(database.pool).read(targetId)).heldMs > 0)
    await workers.stop()
    const { heldMs } = await createPostgresGuardStore(database.pool).read(targetId)
    expect(heldMs).toBeGreaterThan(86_000_000)
    expect(heldMs).toBeLessThanOrEqual(86_400_000)
  })
})

describe('a target that is dead', () => {
  it('sees the probes of one worker only, while four work, and everything in order when it is back', async () => {
    await sell(80)
    let isDead = true
    const arrived: string[] = []
    const answer = (event: DeliveryEvent): Outcome => {
      if (isDead) return { kind: 'retry', reason: 'HTTP 503' }
      arrived.push(event.subject)
      return delivered
    }
    const policy = { backoffBaseMs: 400, backoffMaxMs: 400, concurrencyMax: 4 }
    const workers = await work({ workersCount: 4, policy, answer })
    const other = await work({ workersCount: 4, answer: () => delivered, name: 'shop' })
    await workers.until(async () => (await statusOf())?.guard.breaker !== 'closed')
    await systemClock.sleep(300)
    const before = workers.beganAt.length
    const since = performance.now()
    await systemClock.sleep(3_000)
    const probes = workers.beganAt.slice(before)
    // Rests of 400, 800, 1,600 ms at least: three of them fit, and a fourth probe that began before.
    expect(probes.length).toBeGreaterThan(0)
    expect(probes.length).toBeLessThanOrEqual(4)
    expect(performance.now() - since).toBeGreaterThan(2_900)
    expect(await statusOf()).toMatchObject({ parked: 0, pending: 80 })
    expect(await statusOf('shop')).toMatchObject({ delivered: 80, pending: 0, guard: { breaker: 'closed' } })
    isDead = false
    await workers.until(isDone)
    await Promise.all([workers.stop(), other.stop()])
    expect(await statusOf()).toMatchObject({ delivered: 80, parked: 0, guard: { breaker: 'closed' } })
    for (let till = 0; till < 40; till += 1) {
      const numbers = arrived
        .filter((one) => one.startsWith(`till:9/${till}/`))
        .map((one) => Number(one.split('/').at(-1)))
      expect(numbers).toEqual([till + 1, till + 41])
    }
  })

  it('is seen as dead by workers that saw one failed lane each, and gives one probe to one of them', async () => {
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    const store = createPostgresGuardStore(database.pool)
    const rest = { baseMs: 1, maxMs: 30_000, stretch: 1 }
    await store.noteFailures(targetId, ['9/1'], rest)
    await store.noteFailures(targetId, ['9/1'], rest)
    await store.noteFailures(targetId, ['9/2'], rest)
    expect(await store.read(targetId)).toMatchObject({ isOpen: false, isFailing: true })
    await Promise.all([store.noteFailures(targetId, ['9/3'], rest), store.noteFailures(targetId, ['9/4'], rest)])
    expect(await store.read(targetId)).toMatchObject({ isOpen: true })
    await systemClock.sleep(5)
    const asked = await Promise.all(Array.from({ length: 8 }, () => store.takeProbe(targetId, 1_000, rest)))
    expect(asked.filter(Boolean)).toHaveLength(1)
    expect(await statusOf()).toMatchObject({ guard: { breaker: 'half-open' } })
    await store.noteAnswer(targetId)
    expect(await store.read(targetId)).toMatchObject({ isOpen: false, isFailing: false })
  })

  it('is probed by what waited for its original, where nothing else is left to send', async () => {
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    const [original, dependent] = await sell(2)
    const { pool } = database
    await pool.query(
      `insert into delivery_results (target_id, event_id, result, attempts) values ($1, $2, 'delivered', 1)`,
      [targetId, original],
    )
    await pool.query(
      `insert into delivery_entries (target_id, event_id, shard, xid, position, ordering_key, state, waits_for, deadline_at, fence)
       select $1, event_id, shard, xid, position, ordering_key, 'waiting', $3, 'infinity', 0 from journal_events where event_id = $2`,
      [targetId, dependent, original],
    )
    await pool.query(
      'update delivery_shards set cursor_position = 2, cursor_xid = (select max(xid) from journal_events)',
    )
    await pool.query('update delivery_guards set opened_at = clock_timestamp(), probe_at = clock_timestamp()')
    const workers = await work({ workersCount: 1, answer: () => delivered })
    await workers.until(isDone)
    await workers.stop()
    expect(await statusOf()).toMatchObject({ delivered: 2, guard: { breaker: 'closed' } })
  })

  it('is not thought dead where an answer came between', async () => {
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    const store = createPostgresGuardStore(database.pool)
    const rest = { baseMs: 1, maxMs: 30_000, stretch: 1 }
    await store.noteFailures(targetId, ['9/1', '9/2'], rest)
    await store.noteAnswer(targetId)
    await store.noteFailures(targetId, ['9/3', '9/4'], rest)
    expect(await store.read(targetId)).toMatchObject({ isOpen: false })
  })
})
