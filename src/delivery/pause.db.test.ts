import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../contract/clock.ts'
import type { ConnectorFeatures, DeliveryEvent, Outcome } from '../contract/connector.ts'
import { silentLogger } from '../contract/logger.ts'
import { shardOf } from '../journal/shard.ts'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { decide } from './decide.ts'
import { readJourney } from './journey.ts'
import { pauseTarget, resumeTarget } from './pause.ts'
import { defaultPolicy } from './policy.ts'
import { createPostgresDeliveryStore } from './postgres-store.ts'
import { readTargetStatus } from './status.ts'
import { ensureTarget, readTargets } from './targets.ts'
import { runWorkers, TargetWorker } from './worker.ts'

const database = useDeliveryDatabase()

const delivered: Outcome = { kind: 'delivered', documents: [{ documentId: 'd', kind: 'sale' }] }
const gone: Outcome = { kind: 'gone', reason: 'HTTP 410' }
const tills = ['9/1', '9/2', '9/3', '9/4', '9/5']

async function sell(from: number, to: number): Promise<string[]> {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  return appendTestEvents(
    database.pool,
    numbers.map((number) => {
      const orderingKey = tills[number % tills.length] ?? ''
      return { orderingKey, shard: shardOf(orderingKey), transaction: makeSale(number) }
    }),
  )
}

/** Two workers, as of two processes, that can be asked how often they looked whether they may send. */
async function work(answer: (event: DeliveryEvent) => Outcome, features: ConnectorFeatures, concurrencyMax = 2) {
  const requests: string[] = []
  const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
  const target = {
    targetId,
    name: 'erp',
    connectorName: 'test',
    connection: {
      features,
      postTransaction: async (event: DeliveryEvent) => {
        requests.push(event.subject)
        return answer(event)
      },
      findPosting: async () => undefined,
    },
    policy: {
      ...defaultPolicy,
      backoffBaseMs: 5,
      backoffMaxMs: 20,
      attemptTimeoutMs: 500,
      attemptsMax: 2,
      concurrencyMax,
    },
    fetch: () => Promise.reject(new Error('no network')),
  }
  const store = createPostgresDeliveryStore(database.pool)
  const looks = [0, 0]
  const tools = { clock: systemClock, random: systemRandom, logger: silentLogger, decide }
  const workers = looks.map((_none, index) => {
    const watched = {
      ...store,
      readPause: async (id: number) => {
        const pause = await store.readPause(id)
        looks[index] = (looks[index] ?? 0) + 1
        return pause
      },
    }
    return new TargetWorker(target, { ...tools, store: watched, workerId: randomUUID() }, { leaseMs: 2_000, pollMs: 5 })
  })
  const running = runWorkers(workers)
  const until = async (met: () => Promise<boolean>) => {
    for (let look = 0; look < 1_000 && !(await met()); look += 1) await systemClock.sleep(5)
  }
  return {
    requests,
    until,
    /** So many rounds of each worker later, everything that one of them may still have begun is over. */
    rounds: async (count: number) => {
      const goals = looks.map((one) => one + count)
      await until(async () => looks.every((one, index) => one >= (goals[index] ?? 0)))
    },
    stop: async () => {
      for (const worker of workers) worker.stop()
      await running
    },
  }
}

const status = async () => (await readTargetStatus(database.pool))[0]

function expectOrder(requests: readonly string[]): void {
  for (const till of tills) {
    const numbers = requests
      .filter((subject) => subject.startsWith(`till:${till}/`))
      .map((subject) => Number(subject.split('/').at(-1)))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
}

describe('a target that is paused', () => {
  it.each([
    ['idempotent', { idempotent: true, lookUp: false }],
    ['look-up only', { idempotent: false, lookUp: true }],
    ['neither', { idempotent: false, lookUp: false }],
  ])('stops after 410, and goes on in order, each once, when it is resumed (%s)', async (_name, features) => {
    const ids = await sell(1, 40)
    const arrived: string[] = []
    let answers = 0
    let isGone = true
    const workers = await work((event) => {
      answers += 1
      if (isGone && answers > 6) return gone
      arrived.push(event.subject)
      return delivered
    }, features)
    await workers.until(async () => (await status())?.state === 'paused')
    await workers.rounds(3)
    expect(await status()).toMatchObject({
      delivered: 6,
      parked: 0,
      pending: 34,
      pause: { code: 'gone', reason: 'HTTP 410' },
    })
    const requestsBefore = workers.requests.length
    // Each process may have as many attempts on the line as its limit allows when the first 410 comes.
    expect(requestsBefore).toBeLessThanOrEqual(6 + 2 * 2)

    ids.push(...(await sell(41, 60)))
    await workers.rounds(5)
    expect(workers.requests).toHaveLength(requestsBefore)

    isGone = false
    expect(await resumeTarget(database.pool, 'erp')).toBe(true)
    await workers.until(async () => (await status())?.pending === 0)
    await workers.stop()
    expect(await status()).toMatchObject({ state: 'active', delivered: 60, parked: 0, needsCheck: 0, pending: 0 })
    expect(await status()).not.toHaveProperty('pause')
    expect(new Set(arrived).size).toBe(60)
    expect(arrived).toHaveLength(60)
    expectOrder(arrived)
    // Answers that were about the address have cost the events nothing.
    for (const id of ids)
      expect(await readJourney(database.pool, id)).toMatchObject([{ state: 'delivered', attempts: 1 }])
  })

  it('may be gone more often than an event has attempts', async () => {
    await sell(1, 1)
    let isGone = true
    const workers = await work(() => (isGone ? gone : delivered), { idempotent: true, lookUp: false })
    for (let round = 0; round < 4; round += 1) {
      await workers.until(async () => (await status())?.state === 'paused')
      await resumeTarget(database.pool, 'erp')
    }
    isGone = false
    await workers.until(async () => {
      await resumeTarget(database.pool, 'erp')
      return (await status())?.pending === 0
    })
    await workers.stop()
    expect(await status()).toMatchObject({ delivered: 1, parked: 0 })
  })

  it('is paused and resumed by an operator, and keeps its first reason', async () => {
    await ensureTarget(database.pool, 'erp', 'test')
    expect(await pauseTarget(database.pool, 'erp', 'stock-taking')).toMatchObject({
      changed: true,
      pause: { code: 'operator', reason: 'stock-taking' },
    })
    expect(await pauseTarget(database.pool, 'erp', 'again')).toMatchObject({
      changed: false,
      pause: { reason: 'stock-taking' },
    })
    await sell(1, 5)
    const workers = await work(() => delivered, { idempotent: true, lookUp: false })
    await workers.rounds(5)
    expect(workers.requests).toEqual([])
    expect(await resumeTarget(database.pool, 'erp')).toBe(true)
    expect(await resumeTarget(database.pool, 'erp')).toBe(false)
    await workers.until(async () => (await status())?.pending === 0)
    await workers.stop()
    expect(workers.requests).toHaveLength(5)
  })

  it('stays paused when the hub starts again', async () => {
    await ensureTarget(database.pool, 'erp', 'test')
    await pauseTarget(database.pool, 'erp', 'stock-taking')
    await ensureTarget(database.pool, 'erp', 'test')
    expect(await readTargets(database.pool)).toMatchObject([{ state: 'paused', pause: { reason: 'stock-taking' } }])
  })

  it('is named when there is no such target', async () => {
    await expect(pauseTarget(database.pool, 'nobody', 'x')).rejects.toMatchObject({ code: 'unknown-target' })
    await expect(resumeTarget(database.pool, 'nobody')).rejects.toMatchObject({ code: 'unknown-target' })
  })
})
