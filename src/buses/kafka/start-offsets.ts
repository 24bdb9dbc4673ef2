import { type Consumer, ListOffsetTimestamps } from '@platformatic/kafka'
import type { PartitionRef } from '../../contract/bus.ts'
import { partitionKey } from './held-partition.ts'

/** Where a group goes on in each partition: what it committed, else the oldest message that is there. By `partitionKey`. */
export async function findStart(
  consumer: Pick<Consumer, 'listCommittedOffsets' | 'listOffsets'>,
  partitions: readonly PartitionRef[],
): Promise<Map<string, bigint>> {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic)
  const topics = [...byTopic].map(([topic, refs]) => ({ topic, partitions: refs.map(({ partition }) => partition) }))
  const committed = await consumer.listCommittedOffsets({ topics })
  const first = await consumer.listOffsets({
    topics: topics.map(({ topic }) => topic),
    timestamp: ListOffsetTimestamps.EARLIEST,
  })
  return new Map(
    partitions.map((ref) => {
      const offset = committed.get(ref.topic)?.[ref.partition] ?? -1n
      return [partitionKey(ref), offset >= 0n ? offset : (first.get(ref.topic)?.[ref.partition] ?? 0n)]
    }),
  )
}
