import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../../contract/clock.ts'
import type { ConnectorFeatures, Outcome } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { stateEventTypes } from '../../journal/event.ts'
import { shardOf } from '../../journal/shard.ts'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { appendTestEvents, appendTestStates } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { decide } from '../decide.ts'
import { readJourney } from '../journey.ts'
import { defaultPolicy } from '../policy.ts'
import { createPostgresDeliveryStore } from '../postgres-store.ts'
import { readTargetStatus } from '../status.ts'
import { ensureTarget } from '../targets.ts'
import { runWorkers, TargetWorker } from '../worker.ts'
import type { RateLimit } from './budget.ts'

const database = useDeliveryDatabase()

const stock = (item: number, level: number) => {
  const orderingKey = `stock/9/${item}`
  const shard = shardOf(orderingKey)
  return {
    eventType: stateEventTypes.stockLevelChanged,
    subject: `stock:9/${item}`,
    orderingKey,
    shard,
    state: { level },
  }
}
const sell = (count: number, lanes = 3) =>
  appendTestEvents(
    database.pool,
    Array.from({ length: count }, (_, index) => {
      const orderingKey = `9/${index % lanes}`
      return { orderingKey, shard: shardOf(orderingKey), transaction: makeSale(index + 1) }
    }),
  )

interface Scene {
  features?: ConnectorFeatures
  rate?: RateLimit
  /** Asked for each state; default: delivered. */
  answerState?(level: unknown): Outcome
}

/** Delivers until nothing is pending; returns what arrived, in its order. */
async function deliver({
  features = { idempotent: true, lookUp: false },
  rate,
  answerState,
}: Scene): Promise<string[]> {
  const arrived: string[] = []
  const { targetId } = await ensureTarget(database.pool, 'shop', 'test')
  const delivered: Outcome = { kind: 'delivered', documents: [] }
  const target = {
    targetId,
    name: 'shop',
    connectorName: 'test',
    connection: {
      features,
      postTransaction: async ({ subject }: { subject: string }) => {
        arrived.push(subject)
        return delivered
      },
      postState: async ({ subject, state }: { subject: string; state: Record<string, unknown> }) => {
        const outcome = answerState?.(state.level) ?? delivered
        if (outcome.kind === 'delivered') arrived.push(`${subject}=${state.level}`)
        return outcome
      },
    },
    policy: { ...defaultPolicy, attemptTimeoutMs: 500, backoffBaseMs: 5, backoffMaxMs: 20, ...(rate && { rate }) },
    fetch: () => Promise.reject(new Error('no network')),
  }
  const tools = {
    workerId: randomUUID(),
    store: createPostgresDeliveryStore(database.pool),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    decide,
  }
  const worker = new TargetWorker(target, tools, { leaseMs: 2_000, pollMs: 10 })
  const running = runWorkers([worker])
  for (let look = 0; look < 1_500 && (await status())?.pending !== 0; look += 1) await systemClock.sleep(10)
  worker.stop()
  await running
  return arrived
}
const status = async () => (await readTargetStatus(database.pool))[0]

describe('a target that is behind its rate', () => {
  it('gets sales before the stock that was there first, some stock all the same, and each till in its order', async () => {
    await appendTestStates(
      database.pool,
      Array.from({ length: 30 }, (_, item) => stock(item, 1)),
    )
    await sell(30)
    const arrived = await deliver({ rate: { perSecond: 30, burst: 6 } })
    expect(arrived).toHaveLength(60)
    const sales = arrived.flatMap((subject, place) => (subject.startsWith('till:') ? [place] : []))
    const levels = arrived.flatMap((subject, place) => (subject.startsWith('stock:') ? [place] : []))
    const mean = (places: number[]) => places.reduce((sum, place) => sum + place, 0) / places.length
    // In the journal every stock level lies before every sale: without turns the first thirty would be stock alone.
    expect(mean(sales)).toBeLessThan(mean(levels))
    const early = arrived.slice(0, 30).filter((subject) => subject.startsWith('till:')).length
    // A cycle of a second has thirty turns, sixteen to four: sales are most of it, and not all.
    expect(early).toBeGreaterThanOrEqual(18)
    expect(early).toBeLessThan(30)
    for (const till of [0, 1, 2]) {
      const numbers = arrived.filter((one) => one.startsWith(`till:9/${till}/`)).map((one) => Number(one.split('/')[2]))
      expect(numbers).toEqual(Array.from({ length: 10 }, (_, index) => index * 3 + till + 1))
    }
    expect(await status()).toMatchObject({ delivered: 60, skipped: 0, parked: 0, pending: 0 })
  })
})

describe('states of one subject', () => {
  it.each([
    ['idempotent', { idempotent: true, lookUp: false }],
    ['neither', { idempotent: false, lookUp: false }],
  ])('are sent once, the last one, and every sale is sent (%s)', async (_name, features) => {
    const ids = await appendTestStates(database.pool, [stock(1, 5), stock(2, 9), stock(1, 4), stock(1, 3)])
    await sell(12)
    const arrived = await deliver({ features })
    expect(arrived.filter((one) => one.startsWith('stock:')).toSorted()).toEqual(['stock:9/1=3', 'stock:9/2=9'])
    expect(arrived.filter((one) => one.startsWith('till:'))).toHaveLength(12)
    expect(await status()).toMatchObject({ delivered: 14, skipped: 2, pending: 0 })
    expect(await readJourney(database.pool, ids[0] ?? '')).toMatchObject([
      { state: 'skipped', reason: `superseded-by ${ids[3]}` },
    ])
  })

  it('that failed is not sent again when a later one is there', async () => {
    const [first = ''] = await appendTestStates(database.pool, [stock(1, 5)])
    let appended = ''
    let asked = 0
    const answerState = (level: unknown): Outcome => {
      asked += 1
      if (level !== 5) return { kind: 'delivered', documents: [] }
      return { kind: 'retry', reason: '503', afterMs: 300 }
    }
    const working = deliver({ answerState })
    while (asked === 0) await systemClock.sleep(5)
    const [second = ''] = await appendTestStates(database.pool, [stock(1, 4)])
    appended = second
    expect(await working).toEqual(['stock:9/1=4'])
    expect(asked).toBe(2)
    expect(await readJourney(database.pool, first)).toMatchObject([
      { state: 'skipped', reason: `superseded-by ${appended}` },
    ])
  })

  it('are skipped where the connector takes none, and sales are not', async () => {
    await appendTestStates(database.pool, [stock(1, 5)])
    await sell(2)
    const { targetId } = await ensureTarget(database.pool, 'shop', 'test')
    const postTransaction = async (): Promise<Outcome> => ({ kind: 'delivered', documents: [] })
    const connection = { features: { idempotent: true, lookUp: false }, postTransaction }
    const fetch = () => Promise.reject(new Error('no network'))
    const policy = { ...defaultPolicy, attemptTimeoutMs: 500 }
    const target = { targetId, name: 'shop', connectorName: 'test', connection, policy, fetch }
    const store = createPostgresDeliveryStore(database.pool)
    const tools = { workerId: 'w', store, clock: systemClock, random: systemRandom, logger: silentLogger, decide }
    const worker = new TargetWorker(target, tools, { leaseMs: 2_000, pollMs: 10 })
    const running = runWorkers([worker])
    for (let look = 0; look < 500 && (await status())?.pending !== 0; look += 1) await systemClock.sleep(10)
    worker.stop()
    await running
    expect(await status()).toMatchObject({ delivered: 2, skipped: 1 })
  })
})
