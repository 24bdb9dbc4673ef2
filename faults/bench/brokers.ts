import { kafka } from '../../scripts/services/kafka.ts'
import { createKafkaBus } from '../../src/buses/kafka/bus.ts'
import { createRabbitMqBus } from '../../src/buses/rabbitmq/bus.ts'
import type { Bus } from '../../src/contract/bus.ts'
import { startOwnKafka } from '../../test/peers/kafka/own-kafka.ts'
import { startOwnBroker } from '../../test/peers/rabbitmq/own-broker.ts'
import type { Bench } from './bench.ts'

/** A broker of one run, with the hub's own engine for it. */
export interface BenchBroker {
  /** As in the setting `busUrl`. */
  url: string
  open(): Bus
  /** Stops it and starts it again. */
  restart(): Promise<void>
  /** Kills it with -9 and starts it again. */
  crash(): Promise<void>
}

/** Undefined: this broker is not installed here. */
export type StartBroker = (bench: Bench) => Promise<BenchBroker | undefined>

/** Short, so that a failure is the publisher's own to deal with. */
const giveUpMs = 1_000

const startKafka: StartBroker = async (bench) => {
  if ((await kafka.status()).state === 'not-installed') return undefined
  const broker = await startOwnKafka()
  if (!broker) return undefined
  bench.defer(() => broker.stop())
  const url = `kafka://${broker.brokers}`
  return { ...broker, url, open: () => createKafkaBus({ brokers: [broker.brokers], retryMaxMs: giveUpMs }) }
}

const startRabbitMq: StartBroker = async (bench) => {
  const broker = await startOwnBroker()
  if (!broker) return undefined
  bench.defer(() => broker.remove())
  const { url } = broker
  return { ...broker, open: () => createRabbitMqBus({ url, connectTimeoutMs: giveUpMs, publishTimeoutMs: 5_000 }) }
}

export const brokers: Record<string, StartBroker> = { kafka: startKafka, rabbitmq: startRabbitMq }
