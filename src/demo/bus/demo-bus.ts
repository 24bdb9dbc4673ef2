import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { systemClock } from '../../contract/clock.ts'
import { topicOf } from '../../journal/relay/message.ts'
import { countRelayedReceipts } from '../../journal/relay/queries.ts'
import { shardsCount } from '../../journal/shard.ts'
import type { Acknowledgement } from '../../simulator/sender/acknowledgements.ts'
import { Child } from '../child.ts'
import type { DemoOptions } from '../demo-options.ts'
import type { DemoHub } from '../hub.ts'
import { writeConsumerPlan } from './consumer-plan.ts'
import { findBroker } from './find-broker.ts'
import { type BusReckoning, reckonBus } from './reckon-bus.ts'

const consumerScript = join(import.meta.dirname, `consumer-main${extname(import.meta.filename)}`)
const retentionMs = 3_600_000
/** After the targets have everything; a consumer that was away reads a day in seconds. */
const settleWithinMs = 120_000

/** The bus of one demo, with topics of its own, so that runs on the same broker do not mix. */
export interface DemoBus {
  /** For the hub. */
  settings: Record<string, unknown>
  /** Starts somebody else's system that reads the bus, before the first receipt is sold. */
  startConsumer(hub: Pick<DemoHub, 'findPool' | 'databaseUrl'>): Promise<BusConsumption>
}

export interface BusConsumption {
  child: Child
  /** Compares what was read from the bus with what the tills were told, when all of it has come or the time is over. */
  settle(acknowledged: readonly Acknowledgement[], signal: AbortSignal): Promise<BusReckoning>
}

/** Undefined where the demo has no bus. Throws `settings-invalid` where its broker cannot be had. */
export async function openDemoBus(options: DemoOptions): Promise<DemoBus | undefined> {
  const { bus: engine, busUrl } = options
  if (engine === 'none') return undefined
  const url = await findBroker(engine, busUrl)
  const topicPrefix = `tillflow.demo-${randomBytes(4).toString('hex')}`
  const topic = { topic: topicOf({ topicPrefix }), partitionsCount: shardsCount, retentionMs }
  const logFile = join(options.dataDirectory, 'bus-consumer.ids')
  const settle = async (
    findPool: DemoHub['findPool'],
    acknowledged: readonly Acknowledgement[],
    signal: AbortSignal,
  ) => {
    const reckon = async () => reckonBus(acknowledged, await readLines(logFile))
    const deadline = Date.now() + settleWithinMs
    let reckoning = await reckon()
    while (reckoning.missing.length > 0 && Date.now() < deadline && !signal.aborted) {
      await systemClock.sleep(300, signal)
      reckoning = await reckon()
    }
    // The cursor follows the broker's confirmation, and the message may be read before it.
    await systemClock.sleep(500, signal)
    const published = await countRelayedReceipts(await findPool(), `${engine}/${topicPrefix}`)
    return { engine, published, ...reckoning }
  }
  return {
    settings: {
      busEngine: engine,
      ...(url !== '' && { busUrl: url }),
      busTopicPrefix: topicPrefix,
      busRetentionMs: retentionMs,
      relayLeaseMs: 4_000,
      relayBackoffMaxMs: 2_000,
      // RabbitMQ has no partitions, which keep the tills of workers apart: there they read the journal.
      ...(engine !== 'rabbitmq' && { deliveryFeed: 'bus', deliverySweepMs: 5_000 }),
    },
    startConsumer: async ({ findPool, databaseUrl }) => {
      const { child } = await Child.start({
        name: 'bus consumer',
        args: [consumerScript],
        environment: writeConsumerPlan({ engine, url: url || databaseUrl, topic, logFile }),
        logFile: join(options.dataDirectory, 'bus-consumer.log'),
      })
      return { child, settle: (acknowledged, signal) => settle(findPool, acknowledged, signal) }
    },
  }
}

/** Whole lines only: one that is being written is read the next time. */
async function readLines(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').slice(0, -1)
}
