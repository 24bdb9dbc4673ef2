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
  /** A publisher gives up soon, so that a failure is its own to deal with. A reader has time: a group is found a while after its broker. */
  open(as: 'publisher' | 'reader'): Bus
  /** Stops it and starts it again. */
  restart(): Promise<void>
  /** Kills it with -9 and starts it again. */
  crash(): Promise<void>
}

/** Undefined: this broker is not installed here. */
export type StartBroker = (bench: Bench) => Promise<BenchBroker | undefined>

const giveUpMs = { publisher: 1_000, reader: 30_000 }

const startKafka: StartBroker = async (bench) => {
  if ((await kafka.status()).state === 'not-installed') return undefined
  const broker = await startOwnKafka()
  if (!broker) return undefined
  bench.defer(() => broker.stop())
  const url = `kafka://${broker.brokers}`
  return { ...broker, url, open: (as) => createKafkaBus({ brokers: [broker.brokers], retryMaxMs: giveUpMs[as] }) }
}

const startRabbitMq: StartBroker = async (bench) => {
  const broker = await startOwnBroker()
  if (!broker) return undefined
  bench.defer(() => broker.remove())
  const { url } = broker
  return {
    ...broker,
    open: (as) => createRabbitMqBus({ url, connectTimeoutMs: giveUpMs[as], publishTimeoutMs: 5_000 }),
  }
}

export const brokers: Record<string, StartBroker> = { kafka: startKafka, rabbitmq: startRabbitMq }
