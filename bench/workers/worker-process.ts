import { randomUUID } from 'node:crypto'
import { findBusEngine } from '../../src/buses/index.ts'
import type { Bus } from '../../src/contract/bus.ts'
import { systemClock, systemRandom } from '../../src/contract/clock.ts'
import type { Connection } from '../../src/contract/connector.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { createPool } from '../../src/database/pool.ts'
import { decide } from '../../src/delivery/decide.ts'
import { createFedStore } from '../../src/delivery/feed/fed-store.ts'
import { loadTogether } from '../../src/delivery/feed/load-together.ts'
import { SharedConsumer } from '../../src/delivery/feed/shared-consumer.ts'
import { defaultPolicy } from '../../src/delivery/policy.ts'
import { createPostgresDeliveryStore } from '../../src/delivery/postgres-store.ts'
import { ensureTarget } from '../../src/delivery/targets.ts'
import { runWorkers, TargetWorker, workersPerTarget } from '../../src/delivery/worker.ts'
import { readEvents, readJournalId } from '../../src/journal/queries.ts'
import { topicOf } from '../../src/journal/relay/message.ts'
import { readRelayedMessage } from '../../src/journal/relay/read-message.ts'
import { listenToJournal } from '../../src/runtimes/node/listen.ts'
import type { WorkersPlan, WorkersReport } from './plan.ts'

/** One delivery process of the benchmark: workers as a hub has them, and targets that answer at once. */
const plan = JSON.parse(process.argv[2] ?? '{}') as WorkersPlan
const pool = createPool({ url: plan.url, sizeMax: 10, applicationName: 'bench-delivery', logger: silentLogger })
const store = createPostgresDeliveryStore(pool)
const journalId = await readJournalId(pool)
const bus =
  plan.feed === 'bus'
    ? await findBusEngine('kafka')({
        url: plan.busUrl,
        compression: 'none',
        clientName: 'bench',
        logger: silentLogger,
      })
    : undefined
const loadEvents = loadTogether((eventIds) => readEvents(pool, eventIds))
const consumer = bus && createConsumer(bus)
const processId = randomUUID()
let settled = 0
let healed = 0

const connection: Connection = {
  features: { idempotent: true, lookUp: false },
  postTransaction: async (event) => ({
    kind: 'delivered',
    documents: [{ documentId: event.eventId, kind: 'sale', amount: '1.00', currency: 'EUR' }],
  }),
}

const workers: TargetWorker[] = []
for (let number = 1; number <= plan.targetsCount; number += 1) {
  const name = `bench-${number}`
  const { targetId } = await ensureTarget(pool, name, 'bench')
  for (let index = 0; index < workersPerTarget; index += 1) workers.push(createWorker(targetId, name, index))
}
const wake = () => {
  for (const worker of workers) worker.wake()
}
const listening = listenToJournal(plan.url, wake, silentLogger)
const running = runWorkers(workers)
tell({ kind: 'ready' })
const telling = setInterval(() => tell({ kind: 'settled', count: settled }), 20)

// Whoever started it is gone.
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', async () => {
  clearInterval(telling)
  for (const worker of workers) worker.stop()
  await running
  await consumer?.stop()
  await bus?.close()
  await listening.stop()
  await pool.end()
  if (healed > 0) process.stderr.write(`workers: ${healed} deliveries were read from the journal after all\n`)
  process.exit(0)
})

function createWorker(targetId: number, name: string, index: number): TargetWorker {
  const feed = consumer?.openFeed(name)
  const fed =
    feed &&
    createFedStore(store, feed, {
      clock: systemClock,
      sweepMs: 30_000,
      loadEvents,
      onHealed: (events) => {
        healed += events
      },
    })
  const worker = new TargetWorker(
    {
      targetId,
      name,
      connectorName: 'bench',
      connection,
      policy: defaultPolicy,
      fetch: () => Promise.reject(new Error('no network')),
    },
    {
      store: fed ?? store,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      decide,
      // The same at every target, as in a hub: shares are counted by it.
      workerId: `${processId}/${index}`,
      onSettled: () => {
        settled += 1
      },
    },
    { leaseMs: 30_000, pollMs: 1_000 },
  )
  feed?.feedWorker(worker)
  return worker
}

function createConsumer(bus: Bus): SharedConsumer {
  return new SharedConsumer({
    group: `${plan.topicPrefix}.delivery`,
    topic: topicOf({ topicPrefix: plan.topicPrefix }),
    batchMax: 100,
    prefetchMax: 2_000,
    clock: systemClock,
    silentMs: 30_000,
    patienceMs: 1_000,
    read: (message) => readRelayedMessage(message, journalId),
    subscribe: (subscription) => bus.subscribe(subscription),
  })
}

function tell(report: WorkersReport): void {
  process.send?.(report)
}
