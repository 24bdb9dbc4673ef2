import { Producer, stringSerializers } from '@platformatic/kafka'
import { Kafka, logLevel, Partitioners } from 'kafkajs'

/** A client as it would be used: acks from all replicas, and its own way of trying again. */
export interface Candidate {
  name: string
  open(brokers: string): Promise<Sender>
}

export interface Sender {
  /** Resolves when the broker has confirmed this one message. */
  send(message: { topic: string; key: string; value: string }): Promise<void>
  close(): Promise<void>
}

export const candidates: readonly Candidate[] = [
  platformatic('@platformatic/kafka', false),
  platformatic('@platformatic/kafka idempotent', true),
  kafkajs('kafkajs', false),
  kafkajs('kafkajs idempotent', true),
]

function platformatic(name: string, idempotent: boolean): Candidate {
  return {
    name,
    open: async (brokers) => {
      const producer = new Producer({
        clientId: 'prove',
        bootstrapBrokers: brokers.split(','),
        serializers: stringSerializers,
        acks: -1,
        idempotent,
      })
      return {
        send: async (message) => {
          await producer.send({ messages: [message], acks: -1 })
        },
        close: () => producer.close(),
      }
    },
  }
}

function kafkajs(name: string, idempotent: boolean): Candidate {
  return {
    name,
    open: async (brokers) => {
      const kafka = new Kafka({ clientId: 'prove', brokers: brokers.split(','), logLevel: logLevel.NOTHING })
      const producer = kafka.producer({
        idempotent,
        createPartitioner: Partitioners.DefaultPartitioner,
        // What its documentation asks for with `idempotent`.
        ...(idempotent && { maxInFlightRequests: 1 }),
      })
      await producer.connect()
      return {
        send: async ({ topic, key, value }) => {
          await producer.send({ topic, acks: -1, messages: [{ key, value }] })
        },
        close: () => producer.disconnect(),
      }
    },
  }
}
