import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { systemClock, systemRandom } from '../src/contract/clock.ts'
import type { Connection } from '../src/contract/connector.ts'
import { silentLogger } from '../src/contract/logger.ts'
import { createPool } from '../src/database/pool.ts'
import { decide } from '../src/delivery/decide.ts'
import { defaultPolicy } from '../src/delivery/policy.ts'
import { createPostgresDeliveryStore } from '../src/delivery/postgres-store.ts'
import { ensureTarget } from '../src/delivery/targets.ts'
import { runWorkers, TargetWorker, workersPerTarget } from '../src/delivery/worker.ts'
import { startTestServer } from '../src/testing/database/test-server.ts'
import { drainGraphileWorker } from './baselines/graphile-worker.ts'
import { fillJournal } from './fill-journal.ts'
import { medianOfPairs, pairsDefault } from './pairs.ts'
import { makeReceipts } from './receipts.ts'
import type { BenchResult } from './result.ts'

const events = 20_000
const lanesCount = 100
/** Pairs of the poison comparison, for each pair that was asked for: its effect is smaller than the noise of a few. */
const poisonPairsFactor = 3

/** Ordered lanes with postings against an unordered queue, and with poison against without. */
export async function benchDeliver(pairs = pairsDefault): Promise<BenchResult> {
  const postgres = await startTestServer({ alone: true })
  const database = await postgres.createDatabase({ migrated: true })
  const pool = createPool({ url: database.url, sizeMax: 10, applicationName: 'bench', logger: silentLogger })
  try {
    const receipts = makeReceipts(events, 1)
    await fillJournal(pool, receipts, lanesCount)
    await pool.query('vacuum analyze journal_events')
    const drain = async (poisonShare: number) => {
      await forgetDeliveries(pool)
      return drainLanes(pool, poisonShare)
    }
    const graphile = () => drainGraphileWorker(database.url, pool, receipts)
    await drain(0)
    await graphile()
    const toGraphile = await medianOfPairs('deliver/graphile-worker', pairs, () => drain(0), graphile)
    const toClean = await medianOfPairs(
      'deliver/poison',
      pairs * poisonPairsFactor,
      () => drain(0.01),
      () => drain(0),
    )
    return {
      name: 'deliver',
      ratios: [
        {
          name: 'ordered lanes with postings against graphile-worker, unordered, same payloads',
          value: toGraphile,
          goal: 1.3,
          better: 'higher',
        },
        {
          name: '1 % poison events over 100 lanes against the clean run',
          value: toClean,
          goal: 0.95,
          better: 'higher',
        },
      ],
    }
  } finally {
    await pool.end()
    await postgres.stop()
  }
}

/** The journal as it was, and nobody who has read it. */
async function forgetDeliveries(pool: Pool): Promise<void> {
  await pool.query('truncate delivery_targets, delivery_workers restart identity cascade')
  // What earlier runs left to write must not be written during this one.
  await pool.query('checkpoint')
}

/** Delivers the whole journal to a target that answers at once; events per second. */
async function drainLanes(pool: Pool, poisonShare: number): Promise<number> {
  const { targetId } = await ensureTarget(pool, 'bench', 'bench')
  const every = poisonShare > 0 ? Math.round(1 / poisonShare) : Number.POSITIVE_INFINITY
  let seen = 0
  const connection: Connection = {
    features: { idempotent: true, lookUp: false },
    postTransaction: async (event) => {
      seen += 1
      if (seen % every === 0) return { kind: 'rejected', reason: 'poison' }
      return {
        kind: 'delivered',
        documents: [{ documentId: event.eventId, kind: 'sale', amount: '1.00', currency: 'EUR' }],
      }
    },
  }
  let settled = 0
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const target = {
    targetId,
    name: 'bench',
    connectorName: 'bench',
    connection,
    policy: defaultPolicy,
    fetch: () => Promise.reject(new Error('no network')),
  }
  const tools = {
    store: createPostgresDeliveryStore(pool),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    decide,
    onSettled: () => {
      settled += 1
      if (settled === events) resolve()
    },
  }
  const startedAt = performance.now()
  // As many as a hub's process runs for each target: one works while the other's commit is on its way.
  const workers = Array.from(
    { length: workersPerTarget },
    () => new TargetWorker(target, { ...tools, workerId: randomUUID() }, { leaseMs: 30_000, pollMs: 1_000 }),
  )
  const running = runWorkers(workers)
  await done
  const perSecond = events / ((performance.now() - startedAt) / 1_000)
  for (const worker of workers) worker.stop()
  await running
  return perSecond
}
