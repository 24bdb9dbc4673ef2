import type { Bus, BusConsumer } from '../../contract/bus.ts'
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
  return {
    name: 'kafka',
    features: {
      orderPerKey: 'always',
      replay: true,
      partitions: true,
      dropsRepeated: false,
      compression: ['gzip', 'zstd', 'lz4', 'snappy'],
    },
    prepareTopics: (topics) => prepareTopics(settings, topics),
    publish: publisher.publish,
    async subscribe(subscription) {
      const consumer = await consume(settings, subscription)
      consumers.add(consumer)
      return {
        async close() {
          consumers.delete(consumer)
          await consumer.close()
        },
      }
    },
    async close() {
      await Promise.all([...consumers].map((consumer) => consumer.close()))
      await publisher.close()
    },
  }
}
