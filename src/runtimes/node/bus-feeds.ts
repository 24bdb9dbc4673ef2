import type { Pool } from 'pg'
import { findBusEngine } from '../../buses/index.ts'
import type { ReceivedMessage } from '../../contract/bus.ts'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { Problem } from '../../contract/problem.ts'
import { createFedStore } from '../../delivery/feed/fed-store.ts'
import { loadTogether } from '../../delivery/feed/load-together.ts'
import { SharedConsumer } from '../../delivery/feed/shared-consumer.ts'
import type { DeliveryStore } from '../../delivery/store.ts'
import type { TargetWorker } from '../../delivery/worker.ts'
import { readEvents, readJournalId } from '../../journal/queries.ts'
import { topicOf } from '../../journal/relay/message.ts'
import { isOfAnotherJournal, readRelayedMessage } from '../../journal/relay/read-message.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { busConnectionOf } from './open-bus.ts'

/** Where delivery's workers get new events from, when the settings say that a bus brings them. */
export interface BusFeeds {
  /** A store and a feed for one worker of a target. */
  open(targetName: string, store: DeliveryStore): FedWorkerParts
  stop(): Promise<void>
}

interface FedWorkerParts {
  store: DeliveryStore
  /** Before the worker runs. */
  start(worker: TargetWorker): void
}

/**
 * Messages of a shard on their way at a time, and all that wait in the client. With what is kept for a target that is behind (`bus-feed.ts`)
 * they bound what the process holds in memory.
 */
const batchMax = 100
const prefetchMax = 2_000
/** The others do without a target that settles so much later than the first one. */
const patienceMs = 1_000

/** Undefined where workers read the journal. Throws `settings-invalid` for a bus that cannot keep shards apart. */
export async function openBusFeeds(
  { pool, url, settings }: { pool: Pool; url: string; settings: Settings },
  logger: Logger,
): Promise<BusFeeds | undefined> {
  if (settings.deliveryFeed !== 'bus') return undefined
  const bus = await findBusEngine(settings.busEngine)(busConnectionOf(settings, url, logger))
  if (!bus.features.partitions) {
    await bus.close()
    throw new Problem(
      'settings-invalid',
      `deliveryFeed: ${settings.busEngine} has no partitions, which keep the tills of workers apart; let them read the journal.`,
    )
  }
  const journalId = await readJournalId(pool)
  const topic = topicOf({ topicPrefix: settings.busTopicPrefix })
  let isTold = false
  const read = (message: ReceivedMessage) => {
    if (!isTold && isOfAnotherJournal(message, journalId)) {
      isTold = true
      logger.warn(
        { topic },
        'events of another installation are in this topic and passed over; each needs a busTopicPrefix',
      )
    }
    return readRelayedMessage(message, journalId)
  }
  const consumer = new SharedConsumer({
    // With the journal: in a group with another installation, its workers would get half of our shards.
    group: `${settings.busTopicPrefix || 'tillflow'}.delivery.${journalId}`,
    topic,
    ...{ batchMax, prefetchMax, patienceMs },
    read,
    subscribe: (subscription) => bus.subscribe(subscription),
    clock: systemClock,
    silentMs: settings.deliverySweepMs,
    onTrouble: (error) => logger.warn({ error: String(error) }, 'trouble with the bus'),
  })
  const loadEvents = loadTogether((eventIds) => readEvents(pool, eventIds))
  return {
    open: (targetName, store) => {
      const feed = consumer.openFeed(targetName)
      const fedStore = createFedStore(store, feed, {
        clock: systemClock,
        sweepMs: settings.deliverySweepMs,
        loadEvents,
        onHealed: (events) =>
          logger.info({ target: targetName, events }, 'events that the bus did not bring were read from the journal'),
      })
      return { store: fedStore, start: (worker) => feed.feedWorker(worker) }
    },
    stop: async () => {
      // At the same time: a consumer that still waits for a broker is told so by its bus.
      await Promise.all([consumer.stop(), bus.close()])
    },
  }
}
