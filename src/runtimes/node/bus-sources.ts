import { findBusEngine } from '../../buses/index.ts'
import type { Bus } from '../../contract/bus.ts'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import type { HttpDeps } from '../../http/deps.ts'
import { type BusSource, recordBusMessage } from '../../http/record-bus-message.ts'
import { busSources } from '../../settings/bus-sources.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { busConnectionOf, openWhenThere } from './open-bus.ts'

const batchMax = 100
const prefetchMax = 500
const subscribeAgainMs = 5_000
/** Where the topic is not there yet. */
const partitionsCount = 16

/**
 * Reads the topics of the settings into intake until it is stopped: a message is acknowledged when what it says is durable. A
 * broker that is away keeps nobody from starting.
 */
export function startBusSources(options: { deps: HttpDeps; settings: Settings; hubUrl: string; logger: Logger }): {
  stop(): Promise<void>
} {
  const { deps, settings, hubUrl } = options
  const topics = busSources(
    settings,
    deps.sources.map(({ name }) => name),
  )
  const stopped = new AbortController()
  const logger = options.logger.child({ part: 'bus-sources' })
  const run = async () => {
    const open = findBusEngine(settings.busEngine)
    const bus = await openWhenThere(() => open(busConnectionOf(settings, hubUrl, logger)), logger, stopped.signal)
    if (!bus) return
    // Closes the consumers after the calls on their way, and ends what still waits for a broker.
    const closed = untilAborted(stopped.signal).then(() => bus.close())
    await Promise.all([closed, ...topics.map((one) => read(bus, one))])
  }
  const read = async (bus: Bus, one: BusSource) => {
    while (!stopped.signal.aborted) {
      try {
        // Whoever made the topic before chose how many partitions it has.
        const plan = { topic: one.topic, partitionsCount, partitionsMin: 1, retentionMs: settings.busRetentionMs }
        if (!one.foreign) await bus.prepareTopics([plan])
        await subscribe(bus, one, deps, logger)
        logger.info({ topic: one.topic, source: one.source }, 'a topic is read')
        return
      } catch (error) {
        if (stopped.signal.aborted) return
        logger.warn({ topic: one.topic, error: String(error) }, 'a topic cannot be read; it is tried again')
        await systemClock.sleep(subscribeAgainMs, stopped.signal)
      }
    }
  }
  const running = topics.length === 0 ? Promise.resolve() : run()
  return {
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function subscribe(bus: Bus, one: BusSource, deps: HttpDeps, logger: Logger) {
  return bus.subscribe({
    group: one.group,
    topics: [one.topic],
    ...(one.foreign && { topicsAreForeign: true }),
    batchMax,
    prefetchMax,
    // One after the other: the receipts of a till stay in their order. Partitions share commits.
    onMessages: async (messages, _, signal) => {
      for (const message of messages) {
        signal.throwIfAborted()
        await recordBusMessage(deps, one, message)
      }
    },
    onTrouble: (failure) => logger.warn({ topic: one.topic, error: failure.message }, 'a topic is tried again'),
  })
}
