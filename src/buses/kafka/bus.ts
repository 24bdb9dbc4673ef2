import { type Bus, type BusConsumer, BusFailure } from '../../contract/bus.ts'
import { consume } from './consume.ts'
import { completeOptions, type KafkaBusOptions } from './options.ts'
import { createPublisher } from './publisher.ts'
import { prepareTopics } from './topics.ts'

export type { KafkaBusOptions }

/** A Kafka cluster as a bus: CloudEvents in binary mode, at least once. Connects when it is first used. */
export function createKafkaBus(options: KafkaBusOptions): Bus {
  const settings = completeOptions(options)
  const publisher = createPublisher(settings)
  const consumers = new Set<BusConsumer>()
  const closing = new AbortController()
  const checkOpen = () => {
    if (closing.signal.aborted) throw new BusFailure('Kafka: the bus is closed', { isTransient: false })
  }
  return {
    name: 'kafka',
    features: { replay: true, partitions: true },
    async prepareTopics(topics) {
      checkOpen()
      await prepareTopics(settings, topics, closing.signal)
    },
    async publish(messages) {
      checkOpen()
      await publisher.publish(messages)
    },
    async subscribe(subscription) {
      checkOpen()
      const consumer = await consume(settings, subscription, closing.signal)
      if (closing.signal.aborted) await consumer.close()
      checkOpen()
      consumers.add(consumer)
      return {
        async close() {
          consumers.delete(consumer)
          await consumer.close()
        },
      }
    },
    async close() {
      closing.abort()
      await Promise.all([...consumers].map((consumer) => consumer.close()))
      await publisher.close()
    },
  }
}
