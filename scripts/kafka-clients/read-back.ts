import { Kafka, logLevel } from 'kafkajs'

export interface StoredMessage {
  key: string
  value: string
}

/** Everything that is in a topic, by partition in the order of offsets. Throws when offsets are missing. */
export async function readBack(brokers: string, topic: string): Promise<StoredMessage[]> {
  const kafka = new Kafka({ clientId: 'read-back', brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]))
  await admin.disconnect()
  const total = [...ends.values()].reduce((sum, end) => sum + end, 0)
  const stored = new Map<number, StoredMessage[]>()
  const consumer = kafka.consumer({ groupId: `read-back-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let readCount = 0
  const done = Promise.withResolvers<void>()
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const list = stored.get(partition) ?? []
      if (Number(message.offset) !== list.length) done.reject(new Error(`offset ${message.offset} is not the next one`))
      list.push({ key: String(message.key), value: String(message.value) })
      stored.set(partition, list)
      readCount += 1
      if (readCount === total) done.resolve()
    },
  })
  await done.promise
  await consumer.disconnect()
  return [...stored.values()].flat()
}
