import { expect, it } from 'vitest'
import type { KafkaMessage } from './message.ts'
import { splitIntoRequests } from './split-requests.ts'

const messageOf = (partition: number, bytes: number): KafkaMessage => ({
  topic: 't',
  partition,
  key: Buffer.alloc(0),
  value: Buffer.alloc(bytes),
  headers: new Map(),
})

it('sends little in one request', () => {
  const messages = [messageOf(0, 10), messageOf(1, 10)]
  expect(splitIntoRequests(messages)).toEqual([messages])
  expect(splitIntoRequests([])).toEqual([])
})

it('begins another request when the batch of one partition is full, and keeps the order', () => {
  const messages = Array.from({ length: 30 }, (_, index) => messageOf(index % 2, 100_000))
  const requests = splitIntoRequests(messages)
  expect(requests.length).toBe(2)
  expect(requests.flat()).toEqual(messages)
  for (const request of requests) {
    for (const partition of [0, 1]) {
      const batch = request.filter((message) => message.partition === partition)
      expect(batch.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThan(1_000_000)
    }
  }
})

it('leaves a message that is larger than a batch alone in its batch', () => {
  const requests = splitIntoRequests([messageOf(0, 10), messageOf(0, 2_000_000), messageOf(0, 10)])
  expect(requests.map((request) => request.length)).toEqual([1, 1, 1])
})

it('bounds a request over many partitions', () => {
  const requests = splitIntoRequests(Array.from({ length: 64 }, (_, partition) => messageOf(partition, 500_000)))
  for (const request of requests) expect(request.length).toBeLessThanOrEqual(16)
  expect(requests.flat().length).toBe(64)
})
