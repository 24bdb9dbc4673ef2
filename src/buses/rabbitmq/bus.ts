import { type Bus, type BusConsumer, BusFailure, type BusFeatures, type Subscription } from '../../contract/bus.ts'
import { BrokerConnection, closeTimeoutMs } from './connection.ts'
import { checkForeignQueue, queueOf } from './names.ts'
import { defaults, type RabbitMqOptions } from './options.ts'
import { Publisher } from './publisher.ts'
import { type QueuePlace, QueueReader } from './queue-reader.ts'
import { within } from './within.ts'

const features: BusFeatures = {
  // That is how the order of a key is kept.
  groupsStandBy: true,
  // A queue gets what is published after it was bound.
  replay: false,
  partitions: false,
}

/** The prefetch count of AMQP is a number of 16 bits, and 0 means without limit. */
const prefetchMaxMax = 65_535

/**
 * A bus on RabbitMQ 3.10 or later: a durable topic exchange for each topic, a quorum queue for each group that reads it.
 * See docs/how-to/publish-to-rabbitmq.md for what it makes at the broker and what it does not promise.
 */
export function createRabbitMqBus(options: RabbitMqOptions): Bus {
  const publisher = new Publisher(options)
  const consumers = new Set<BusConsumer & Pick<QueueReader, 'settle'>>()
  let reading: BrokerConnection | undefined
  let isClosed = false
  const checkOpen = () => {
    if (isClosed) throw new BusFailure('The bus is closed', { isTransient: false })
  }

  const subscribe = async (subscription: Subscription): Promise<BusConsumer> => {
    checkOpen()
    checkLimits(subscription)
    const places = subscription.topics.map((topic) => placeOf(topic, subscription, options))
    reading ??= new BrokerConnection(options, 'reading')
    const connection = reading
    const readers = places.map((place) => new QueueReader(connection, subscription, place))
    const close = async () => {
      consumers.delete(consumer)
      await Promise.all(readers.map((reader) => reader.close()))
    }
    const settle = async () => {
      await Promise.all(readers.map((reader) => reader.settle()))
    }
    const consumer = { close, settle }
    consumers.add(consumer)
    try {
      for (const reader of readers) {
        await reader.open()
        checkOpen()
      }
    } catch (error) {
      await close()
      throw error
    }
    return consumer
  }

  const endReading = async () => {
    const closed = Promise.all([...consumers].map((consumer) => consumer.close()))
    await within<unknown>(closeTimeoutMs, closed, () => reading?.destroy())
    await reading?.close()
  }

  return {
    name: 'rabbitmq',
    features,
    prepareTopics: (plans) => publisher.prepareTopics(plans),
    publish: (messages) => publisher.publish(messages),
    subscribe,
    async close() {
      isClosed = true
      await Promise.all([...consumers].map((consumer) => consumer.settle()))
      await Promise.all([publisher.close(), endReading()])
    },
  }
}

function placeOf(topic: string, { group, topicsAreForeign }: Subscription, options: RabbitMqOptions): QueuePlace {
  if (topicsAreForeign) return { topic, queue: checkForeignQueue(topic), deliveryLimit: undefined }
  return { topic, queue: queueOf(topic, group), deliveryLimit: options.deliveryLimit ?? defaults.deliveryLimit }
}

function checkLimits({ topics, batchMax, prefetchMax }: Subscription): void {
  const isCount = (value: number, max: number) => Number.isInteger(value) && value >= 1 && value <= max
  if (topics.length === 0) throw new BusFailure('A subscription names its topics', { isTransient: false })
  if (!isCount(prefetchMax, prefetchMaxMax) || !isCount(batchMax, Number.MAX_SAFE_INTEGER)) {
    throw new BusFailure(`batchMax is at least 1, and prefetchMax 1 to ${prefetchMaxMax}`, { isTransient: false })
  }
}
