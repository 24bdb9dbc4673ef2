import type { AsyncMessage, Envelope } from 'rabbitmq-client'
import { BusFailure, type BusMessage, type ReceivedMessage } from '../../contract/bus.ts'
import { headersOfCloudEvent, takeCloudEvent } from './cloud-events.ts'
import { textOfHeader } from './header-text.ts'
import { checkName, routingKeyOf } from './names.ts'

export interface Outgoing {
  envelope: Envelope & { exchange: string; routingKey: string }
  body: Buffer
}

const orderingKeyHeader = 'tillflow-ordering-key'
/** Headers go in one frame, of 128 KiB by default; the client closes the channel, and fails its neighbours, when they do not fit. */
const headersMaxBytes = 65_536
const headerNameMaxBytes = 128
/** RabbitMQ's own limit for a message is 128 MiB; it closes the channel, and fails its neighbours, above it. */
const bodyMaxBytes = 16_777_216
/** They make RabbitMQ route copies elsewhere. */
const routingHeaders = new Set(['CC', 'BCC'])
/** Put there by quorum queues; they say what `redelivered` says. */
const countHeaders = ['x-delivery-count', 'x-acquired-count']
/** What a body is marked with on its way through the client so that its bytes stay as they are: see `keep-bytes.ts`. */
export const untouchedEncoding = 'identity'

/** Throws a `BusFailure` that is not transient for a message that RabbitMQ cannot take. */
export function writeMessage(message: BusMessage): Outgoing {
  const { body, contentType, cloudEvent, orderingKey } = message
  const headers = {
    ...message.headers,
    ...(cloudEvent && headersOfCloudEvent(cloudEvent)),
    [orderingKeyHeader]: orderingKey,
  }
  checkHeaders(headers)
  if (body.byteLength > bodyMaxBytes) refuse(`A message has at most ${bodyMaxBytes} bytes`)
  return {
    envelope: {
      exchange: checkName('topic', message.topic),
      routingKey: routingKeyOf(orderingKey),
      durable: true,
      contentType,
      headers,
      ...(cloudEvent?.id !== undefined && Buffer.byteLength(cloudEvent.id) < 256 && { messageId: cloudEvent.id }),
    },
    body: Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  }
}

/** A message of anybody: where it is not ours, its routing key is its ordering key. */
export function readMessage(message: AsyncMessage, topic: string, wasGiven: boolean): ReceivedMessage {
  const headers = new Map<string, unknown>(Object.entries(message.headers ?? {}))
  const deliveriesCount = Number(headers.get('x-delivery-count') ?? 0)
  for (const name of countHeaders) headers.delete(name)
  const orderingKey = textOfHeader(headers.get(orderingKeyHeader))
  headers.delete(orderingKeyHeader)
  const cloudEvent = takeCloudEvent(headers)
  const encoding = message.contentEncoding
  if (encoding !== undefined && encoding !== '' && encoding !== untouchedEncoding) {
    headers.set('content-encoding', encoding)
  }
  return {
    topic,
    orderingKey: orderingKey ?? cloudEvent?.partitionkey ?? message.routingKey,
    partition: 0,
    offset: String(message.deliveryTag),
    redelivered: wasGiven || message.redelivered || deliveriesCount > 0,
    headers: textOfHeaders(headers),
    ...(cloudEvent && { cloudEvent }),
    contentType: message.contentType || 'application/octet-stream',
    body: message.body as Buffer,
  }
}

function textOfHeaders(headers: Map<string, unknown>): Record<string, string> {
  const entries = [...headers].flatMap(([name, value]): [string, string][] => {
    const text = textOfHeader(value)
    return text === undefined ? [] : [[name, text]]
  })
  return Object.fromEntries(entries)
}

function checkHeaders(headers: Record<string, string>): void {
  let bytes = 0
  for (const [name, value] of Object.entries(headers)) {
    const nameBytes = Buffer.byteLength(name)
    if (nameBytes > headerNameMaxBytes) refuse(`The name of a header has at most ${headerNameMaxBytes} bytes`)
    if (routingHeaders.has(name)) refuse(`RabbitMQ itself uses the header ${name}`)
    // A length of one byte before the name; a type and a length of four before the text.
    bytes += 1 + nameBytes + 5 + Buffer.byteLength(value)
  }
  if (bytes > headersMaxBytes) refuse(`The headers of a message have at most ${headersMaxBytes} bytes together`)
}

function refuse(reason: string): never {
  throw new BusFailure(reason, { isTransient: false })
}
