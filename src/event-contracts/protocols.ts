import type { KeyFamilyContract } from './key-families.ts'

/** How one kind of broker carries events: names as they stand on the wire, and AsyncAPI's words for them. */
export interface Protocol {
  name: 'kafka' | 'amqp'
  title: string
  server: Record<string, unknown>
  /** The name of the header that an attribute travels in. */
  headerOf(attribute: string): string
  /** Headers that are no attributes. */
  moreHeaders: Record<string, { schema: Record<string, unknown>; required: boolean; example: string }>
  channelBinding(family: KeyFamilyContract, topic: string): Record<string, unknown>
  operationBinding: Record<string, unknown>
  messageBinding(family: KeyFamilyContract): Record<string, unknown>
}

const orderingKeyExample = '101/1'

/** Kafka protocol binding of CloudEvents 1.0, binary mode. */
const kafka: Protocol = {
  name: 'kafka',
  title: 'Kafka',
  server: {
    host: '{brokers}',
    protocol: 'kafka',
    title: 'Kafka',
    description: 'Retention and replication are the operator’s; the hub makes missing topics.',
    variables: { brokers: { description: 'host:port', default: 'localhost:9092' } },
  },
  headerOf: (attribute) => `ce_${attribute}`,
  moreHeaders: {
    'content-type': {
      schema: { type: 'string', const: 'application/json', description: 'The attribute `datacontenttype`.' },
      required: true,
      example: 'application/json',
    },
  },
  channelBinding: ({ partitionsCount }, topic) => ({
    topic,
    partitions: partitionsCount,
    bindingVersion: '0.5.0',
  }),
  operationBinding: { bindingVersion: '0.5.0' },
  messageBinding: ({ orderingKey }) => ({
    key: { type: 'string', description: orderingKey, examples: [orderingKeyExample] },
    bindingVersion: '0.5.0',
  }),
}

/** AMQP protocol binding of CloudEvents 1.0, binary mode, as headers of AMQP 0-9-1. */
const amqp: Protocol = {
  name: 'amqp',
  title: 'RabbitMQ',
  server: {
    host: '{broker}',
    protocol: 'amqp',
    protocolVersion: '0-9-1',
    title: 'RabbitMQ',
    description: 'Consumers bind queues of their own to the exchange.',
    variables: { broker: { description: 'host:port', default: 'localhost:5672' } },
  },
  headerOf: (attribute) => `cloudEvents_${attribute}`,
  moreHeaders: {
    'tillflow-ordering-key': {
      schema: { type: 'string', minLength: 1, description: 'The ordering key; the routing key is for choosing only.' },
      required: true,
      example: orderingKeyExample,
    },
  },
  channelBinding: (_family, topic) => ({
    is: 'routingKey',
    exchange: { name: topic, type: 'topic', durable: true, autoDelete: false, vhost: '/' },
    bindingVersion: '0.3.0',
  }),
  operationBinding: { deliveryMode: 2, ack: true, bindingVersion: '0.3.0' },
  messageBinding: () => ({ messageType: 'CloudEvents 1.0, binary mode', bindingVersion: '0.3.0' }),
}

export const protocols: readonly Protocol[] = [kafka, amqp]
