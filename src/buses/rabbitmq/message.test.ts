import type { AsyncMessage } from 'rabbitmq-client'
import { describe, expect, it } from 'vitest'
import { BusFailure, type BusMessage } from '../../contract/bus.ts'
import { readMessage, writeMessage } from './message.ts'

const cloudEvent = { specversion: '1.0', id: 'event-1', source: 'urn:x', type: 'x.happened.v1' }
const ours: BusMessage = {
  topic: 'tillflow.transactions',
  orderingKey: 'berlin-1/3',
  headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  cloudEvent: { ...cloudEvent, time: '2026-03-04T11:04:05.123Z', datacontenttype: 'application/json' },
  contentType: 'application/json',
  body: Buffer.from('{"total":1.10}'),
}

/** A delivery as the client hands it over. */
function delivery(parts: Partial<AsyncMessage>): AsyncMessage {
  return {
    consumerTag: 'c',
    deliveryTag: 7,
    redelivered: false,
    exchange: '',
    routingKey: 'till.feed',
    body: Buffer.from('x'),
    ...parts,
  }
}

const refusal = (change: Partial<BusMessage>): unknown => {
  try {
    return writeMessage({ ...ours, ...change })
  } catch (error) {
    return error
  }
}

describe('messages in AMQP', () => {
  it('writes a CloudEvent in binary mode, persistent, with its key', () => {
    const { envelope, body } = writeMessage(ours)
    expect(body.toString()).toBe('{"total":1.10}')
    expect(envelope).toEqual({
      exchange: 'tillflow.transactions',
      routingKey: 'berlin-1.3',
      durable: true,
      contentType: 'application/json',
      messageId: 'event-1',
      headers: {
        traceparent: ours.headers.traceparent,
        'tillflow-ordering-key': 'berlin-1/3',
        cloudEvents_specversion: '1.0',
        cloudEvents_id: 'event-1',
        cloudEvents_source: 'urn:x',
        cloudEvents_type: 'x.happened.v1',
        cloudEvents_time: '2026-03-04T11:04:05.123Z',
      },
    })
  })

  it('reads what it wrote', () => {
    const { envelope, body } = writeMessage(ours)
    const received = readMessage(delivery({ ...envelope, body, contentEncoding: 'identity' }), ours.topic, false)
    const { datacontenttype: _, ...attributes } = ours.cloudEvent ?? {}
    expect(received).toEqual({ ...ours, cloudEvent: attributes, partition: 0, offset: '7', redelivered: false })
  })

  it('understands the prefix with a colon, and values in native types', () => {
    const headers = {
      'cloudEvents:specversion': '1.0',
      'cloudEvents:id': 'a',
      'cloudEvents:source': '/x',
      'cloudEvents:type': 't',
      'cloudEvents:time': 1_772_622_245,
      'cloudEvents:sequence': 12,
      'cloudEvents:sampled': true,
      'cloudEvents:partitionkey': 'k',
    }
    const received = readMessage(delivery({ headers }), 'feed', false)
    expect(received.cloudEvent).toEqual({
      specversion: '1.0',
      id: 'a',
      source: '/x',
      type: 't',
      time: '2026-03-04T11:04:05Z',
      sequence: '12',
      sampled: 'true',
      partitionkey: 'k',
    })
    expect(received.headers).toEqual({})
    expect(received.orderingKey).toBe('k')
  })

  it('leaves the headers of something that is nearly a CloudEvent as they are', () => {
    const headers = { cloudEvents_specversion: '1.0', cloudEvents_id: 'a', cloudEvents_type: 't' }
    const received = readMessage(delivery({ headers }), 'feed', false)
    expect(received.cloudEvent).toBeUndefined()
    expect(received.headers).toEqual(headers)
  })

  it('reads a message of anybody: headers of every type as text, the routing key as ordering key', () => {
    const headers = {
      a: true,
      b: 2 ** 40,
      c: { d: ['e', null] },
      f: Buffer.from([0, 255]),
      g: null,
      'x-delivery-count': 3,
    }
    const received = readMessage(delivery({ headers, contentEncoding: 'gzip' }), 'feed', false)
    expect(received).toMatchObject({
      topic: 'feed',
      orderingKey: 'till.feed',
      contentType: 'application/octet-stream',
      redelivered: true,
    })
    expect(received.headers).toEqual({
      a: 'true',
      b: '1099511627776',
      c: '{"d":["e",null]}',
      f: 'AP8=',
      'content-encoding': 'gzip',
    })
  })

  it.each<[string, Partial<BusMessage>]>([
    ['a topic with a name that is none', { topic: 'a b' }],
    ['headers that do not fit into a frame', { headers: { a: 'x'.repeat(65_536) } }],
    ['a name of a header that AMQP would cut', { headers: { [`a${'x'.repeat(128)}`]: 'y' } }],
    ['a header that routes copies', { headers: { BCC: 'elsewhere' } }],
    ['a body above the limit', { body: Buffer.alloc(16_777_217) }],
  ])('refuses %s for good', (_, change) => {
    const refused = refusal(change)
    expect(refused).toBeInstanceOf(BusFailure)
    expect(refused).toMatchObject({ isTransient: false })
  })
})
