import { Admin } from '@platformatic/kafka'
import { afterAll, describe, expect, it } from 'vitest'
import { startOwnKafka } from '../../../test/peers/kafka/own-kafka.ts'
import type { ReceivedMessage } from '../../contract/bus.ts'
import { createKafkaBus } from './bus.ts'

const kafka = await startOwnKafka()
const brokers = [kafka?.brokers ?? '']
const topic = 'partly-deleted'

afterAll(() => kafka?.stop())

const messagesOf = (partition: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    topic,
    partition,
    orderingKey: '9/3',
    headers: {},
    contentType: 'text/plain',
    body: Buffer.from(String(from + index)),
  }))

describe.skipIf(!kafka)('of two partitions one whose offset was deleted', () => {
  it('goes on with its oldest message, and the other where it was', async () => {
    const bus = createKafkaBus({ brokers, sessionTimeoutMs: 6_000 })
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: brokers })
    const troubles: string[] = []
    const readUntil = async (isEnough: (received: readonly ReceivedMessage[]) => boolean) => {
      const received: ReceivedMessage[] = []
      const consumer = await bus.subscribe({
        group: 'of-deleted',
        topics: [topic],
        batchMax: 10,
        prefetchMax: 100,
        onMessages: async (messages) => {
          received.push(...messages)
        },
        onTrouble: ({ message }) => troubles.push(message),
      })
      await expect.poll(() => isEnough(received), { timeout: 30_000 }).toBe(true)
      await consumer.close()
      const bodiesOf = (partition: number) =>
        received.filter((one) => one.partition === partition).map(({ body }) => Buffer.from(body).toString())
      return [bodiesOf(0), bodiesOf(1)]
    }
    try {
      await bus.prepareTopics([{ topic, partitionsCount: 2, retentionMs: 3_600_000 }])
      await bus.publish([...messagesOf(0, 0, 5), ...messagesOf(1, 0, 2)])
      await readUntil((received) => received.length >= 7)
      await bus.publish([...messagesOf(0, 5, 8), ...messagesOf(1, 2, 6)])
      await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 1, offset: 4n }] }] })
      const isLast = ({ partition, body }: ReceivedMessage, last: number) =>
        partition === (last === 7 ? 0 : 1) && Buffer.from(body).toString() === String(last)
      const read = await readUntil((all) => [7, 5].every((last) => all.some((one) => isLast(one, last))))
      expect(read).toEqual([
        ['5', '6', '7'],
        ['4', '5'],
      ])
      expect(troubles.filter((text) => text.includes('is not there'))).toEqual([
        expect.stringContaining(`of ${topic}/1 the offset 2 is not there, and reading goes on at 4`),
      ])
    } finally {
      await admin.close()
      await bus.close()
    }
  })
})
