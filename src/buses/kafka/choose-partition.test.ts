import { expect, it } from 'vitest'
import { choosePartition } from './choose-partition.ts'

const messageOf = (orderingKey: string, partition?: number) => ({
  topic: 't',
  orderingKey,
  ...(partition !== undefined && { partition }),
  headers: {},
  contentType: 'text/plain',
  body: new Uint8Array(),
})

it('chooses as the clients of Kafka itself do', () => {
  // From Utils.toPositive(Utils.murmur2(key)) of kafka-clients 4.1.1, for 64 partitions.
  expect(['9/3', 'till-1', 'key-19', ''].map((key) => choosePartition(messageOf(key), 64))).toEqual([32, 39, 62, 25])
})

it('takes the partition that is asked for', () => {
  expect(choosePartition(messageOf('9/3', 63), 64)).toBe(63)
})

it('refuses a partition that there is not, for good', () => {
  for (const partition of [64, -1, 0.5]) {
    expect(() => choosePartition(messageOf('9/3', partition), 64)).toThrow(
      expect.objectContaining({ isTransient: false }),
    )
  }
})
