import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Pool } from 'pg'
import { type BusConnection, brokerAddressesOf, findBusEngine } from '../../buses/index.ts'
import type { Bus } from '../../contract/bus.ts'
import { systemClock, systemRandom } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { readJournalId } from '../../journal/queries.ts'
import { createPostgresRelayStore } from '../../journal/relay/postgres-store.ts'
import { readRelayStatus } from '../../journal/relay/queries.ts'
import { Relay } from '../../journal/relay/relay.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { loadMasterKey } from '../../privacy/encryption/master-key.ts'
import { openReferences } from '../../privacy/encryption/open-vault.ts'
import type { Reference } from '../../privacy/references.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { listenToJournal } from './listen.ts'
import { masterKeyOf } from './master-key-file.ts'
import { busConnectionOf, openWhenThere } from './open-bus.ts'

interface Options {
  pool: Pool
  /** Of the hub's database. */
  url: string
  settings: Settings
  logger: Logger
  metrics: Metrics
  /** Default: the engine of the settings. */
  openBus?(connection: BusConnection): Promise<Bus>
}

const backoffBaseMs = 500

/** What a relay is called: another engine, or other topics, are another relay with a cursor of its own. Another broker is refused. */
export function relayNameOf({ busEngine, busTopicPrefix }: Settings): string {
  return `${busEngine}/${busTopicPrefix}`
}

/** Where its broker is; the hub's own database stays so when it is moved, since the bus moves with it. */
function brokersOf({ busEngine, busUrl }: Settings): string[] | undefined {
  return busUrl.isEmpty ? ["the hub's database"] : brokerAddressesOf(busEngine, busUrl.reveal())
}

export interface RunningRelay {
  stop(): Promise<void>
}

/**
 * Publishes the journal to the bus of the settings until it is stopped; undefined where there is none. A broker that is away
 * keeps nobody from starting: it is opened in the background. Throws `settings-invalid` for an engine that is not there.
 */
export async function startRelay(options: Options): Promise<RunningRelay | undefined> {
  const { pool, url, settings, metrics } = options
  const { busEngine: bus } = settings
  if (bus === 'none') return undefined
  const logger = options.logger.child({ part: 'relay' })
  const open = options.openBus ?? findBusEngine(bus)
  const refer = await openReferences(pool, await loadMasterKey(masterKeyOf(settings)))
  const journalId = await readJournalId(pool)
  const stopped = new AbortController()
  observeRelay(metrics, pool, { name: relayNameOf(settings), bus })
  const run = async () => {
    const opened = await openWhenThere(() => open(busConnectionOf(settings, url, logger)), logger, stopped.signal)
    if (!opened) return
    const relay = createRelay(opened, { refer, journalId }, { ...options, logger })
    stopped.signal.addEventListener('abort', () => relay.stop(), { once: true })
    const listening = listenToJournal(url, () => relay.wake(), logger)
    if (!stopped.signal.aborted) await relay.run()
    await listening.stop()
    await opened.close()
  }
  const running = run()
  return {
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}

function createRelay(
  bus: Bus,
  message: { refer: Reference; journalId: string },
  { pool, settings, logger, metrics }: Options,
): Relay {
  const labels = { bus: settings.busEngine }
  const owner = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  logger.info({ relay: relayNameOf(settings), owner }, 'the relay is running')
  return new Relay(
    {
      store: createPostgresRelayStore(pool, relayNameOf(settings), brokersOf(settings)),
      bus,
      message: { topicPrefix: settings.busTopicPrefix, eventSource: settings.busEventSource, ...message },
      owner,
      clock: systemClock,
      random: systemRandom,
      logger,
      onPublished: (eventsCount) => metrics.count('relayPublished', labels, eventsCount),
      onFailure: () => metrics.count('relayFailures', labels),
    },
    {
      batchEventsMax: settings.relayBatchEventsMax,
      publishesMax: settings.relayPublishesMax,
      leaseMs: settings.relayLeaseMs,
      pollMs: settings.relayPollMs,
      publishTimeoutMs: settings.relayPublishTimeoutMs,
      backoffBaseMs: Math.min(backoffBaseMs, settings.relayBackoffMaxMs),
      backoffMaxMs: settings.relayBackoffMaxMs,
      retentionMs: settings.busRetentionMs,
    },
  )
}

function observeRelay(metrics: Metrics, pool: Pool, { name, bus }: { name: string; bus: string }): void {
  const read = async () => (await readRelayStatus(pool)).filter(({ relay }) => relay === name)
  const labels = { bus }
  metrics.observe('relayPending', async () => (await read()).map(({ lagEvents }) => ({ value: lagEvents, labels })))
  metrics.observe('relayOldestAge', async () =>
    (await read()).map(({ oldestPendingAt }) => ({
      value: oldestPendingAt ? Math.max(0, (Date.now() - oldestPendingAt.getTime()) / 1_000) : 0,
      labels,
    })),
  )
}
