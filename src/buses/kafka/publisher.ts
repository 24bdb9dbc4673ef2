import { type ClusterMetadata, ProduceAcks, Producer } from '@platformatic/kafka'
import { BusFailure, type BusMessage } from '../../contract/bus.ts'
import { rememberRefusals, unlessRefused } from './certificate-refusals.ts'
import { choosePartition } from './choose-partition.ts'
import { confirmedPartitions } from './confirmed-partitions.ts'
import { toBusFailure } from './failure.ts'
import { encodeMessage, type KafkaMessage } from './message.ts'
import { clientOptions, type KafkaSettings } from './options.ts'
import { retryUntil } from './retry.ts'
import { splitIntoRequests } from './split-requests.ts'

export interface Publisher {
  publish(messages: readonly BusMessage[]): Promise<void>
  close(): Promise<void>
}

/** It would send batches again that were stored, when only others were not. */
const sendOnce = { repeatOnStaleMetadata: false }

/**
 * One request after the other within a call, each until the broker has confirmed it, so that a batch that is sent again comes
 * before everything that follows. Not idempotent in Kafka's sense: see docs/decisions/0014.
 */
export function createPublisher(settings: KafkaSettings): Publisher {
  const producer = rememberRefusals(
    new Producer<Buffer, Buffer, Buffer, Buffer>({ ...clientOptions(settings), idempotent: false, ...sendOnce }),
    settings,
  )
  const closing = new AbortController()
  const retry = <Result>(doing: string, work: () => Promise<Result>) =>
    retryUntil({ doing, maxMs: settings.retryMaxMs, closing: closing.signal }, () => unlessRefused(producer, work))
  return {
    async publish(messages) {
      if (messages.length === 0) return
      const topics = [...new Set(messages.map(({ topic }) => topic))]
      const metadata = await retry('the topics could not be looked up', () => producer.metadata({ topics }))
      const encoded = messages.map((message) =>
        encodeMessage(message, choosePartition(message, countPartitions(metadata, message.topic))),
      )
      for (const request of splitIntoRequests(encoded)) {
        let rest: KafkaMessage[] = request
        await retry('messages were not confirmed', async () => {
          try {
            await producer.send({ messages: rest, acks: ProduceAcks.ALL, compression: settings.compression })
          } catch (error) {
            producer.clearMetadata()
            const isConfirmed = confirmedPartitions(error)
            rest = rest.filter(({ topic, partition }) => !isConfirmed(topic, partition))
            if (rest.length > 0) throw error
          }
        })
      }
    },
    async close() {
      if (closing.signal.aborted) return
      closing.abort()
      await producer.close().catch((error: unknown) => {
        throw toBusFailure(error, 'the producer could not be closed')
      })
    },
  }
}

function countPartitions(metadata: ClusterMetadata, topic: string): number {
  const count = metadata.topics.get(topic)?.partitionsCount
  if (count === undefined || count === 0) {
    throw new BusFailure(`Kafka: there is no topic ${topic}`, { isTransient: false })
  }
  return count
}
