import { murmur2 } from '@platformatic/kafka'
import { BusFailure, type BusMessage } from '../../contract/bus.ts'

const keyMax = 0x7fffffff

/**
 * The partition that the message asks for, else the one that Kafka's own clients choose for its key (murmur2 of the bytes, without
 * sign), so that other producers' messages of the same key lie in the same one.
 */
export function choosePartition(message: BusMessage, partitionsCount: number): number {
  const { topic, partition, orderingKey } = message
  if (partition === undefined) return (murmur2(Buffer.from(orderingKey)) & keyMax) % partitionsCount
  // The client would take the remainder, and put it where nobody looks for it.
  if (!Number.isInteger(partition) || partition < 0 || partition >= partitionsCount) {
    const text = `Kafka: the topic ${topic} has partitions 0 to ${partitionsCount - 1}, none ${partition}`
    throw new BusFailure(text, { isTransient: false })
  }
  return partition
}
