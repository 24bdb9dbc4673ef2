import type { KafkaRecord } from '@platformatic/kafka'
import { BusFailure, type BusMessage, type ReceivedMessage } from '../../contract/bus.ts'

/** CloudEvents 1.0, Kafka protocol binding, binary mode: attributes are headers with this prefix (section 3.2). */
const attributePrefix = 'ce_'
const contentTypeHeader = 'content-type'
const contentTypeDefault = 'application/octet-stream'

export interface KafkaMessage {
  topic: string
  partition: number
  key: Buffer
  value: Buffer
  headers: Map<Buffer, Buffer>
}

/** Throws a `BusFailure` when headers would take the place of what belongs to the CloudEvent. */
export function encodeMessage(message: BusMessage, partition: number): KafkaMessage {
  const headers = new Map<Buffer, Buffer>()
  for (const [name, value] of Object.entries(message.headers)) {
    if (name === contentTypeHeader || (message.cloudEvent && name.startsWith(attributePrefix))) {
      throw new BusFailure(`Kafka: a message cannot have the header ${JSON.stringify(name)} besides its own`, {
        isTransient: false,
      })
    }
    headers.set(knownBytes(name), Buffer.from(value))
  }
  headers.set(knownBytes(contentTypeHeader), knownBytes(message.contentType))
  for (const [name, value] of Object.entries(message.cloudEvent ?? {})) {
    headers.set(knownBytes(attributePrefix + name), repeating.has(name) ? knownBytes(value) : Buffer.from(value))
  }
  const { topic, orderingKey, body } = message
  const value = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return { topic, partition, key: Buffer.from(orderingKey), value, headers }
}

/** Bytes that it takes in a batch before compression: a little more than it really needs. */
export function sizeOf({ key, value, headers }: KafkaMessage): number {
  let bytes = key.length + value.length + 32
  for (const [name, text] of headers) bytes += name.length + text.length + 6
  return bytes
}

export interface Place {
  topic: string
  partition: number
  offset: bigint
}

/** Any Kafka message is one of ours: without `ce_specversion` as plain bytes; of headers with one name the last counts. */
export function decodeMessage(record: Pick<KafkaRecord, 'key' | 'value' | 'headers'>, place: Place): ReceivedMessage {
  const headers: Record<string, string> = {}
  const attributes: Record<string, string> = {}
  let contentType = contentTypeDefault
  for (const [nameBytes, valueBytes] of record.headers) {
    const name = nameBytes?.toString() ?? ''
    const value = valueBytes?.toString() ?? ''
    if (name === contentTypeHeader) contentType = value
    else if (name.startsWith(attributePrefix)) attributes[name.slice(attributePrefix.length)] = value
    else headers[name] = value
  }
  const isCloudEvent = attributes.specversion !== undefined
  if (!isCloudEvent) for (const [name, value] of Object.entries(attributes)) headers[attributePrefix + name] = value
  return {
    topic: place.topic,
    partition: place.partition,
    offset: place.offset.toString(),
    orderingKey: record.key?.toString() ?? '',
    headers,
    ...(isCloudEvent && { cloudEvent: attributes }),
    contentType,
    // A copy: the record is a window into everything that came with it, which would stay in memory as long as one message of it.
    body: new Uint8Array(record.value ?? []),
    redelivered: false,
  }
}

/** Attributes that have few values. */
const repeating = new Set(['specversion', 'source', 'type', 'dataschema'])
const known = new Map<string, Buffer>()
const knownMax = 1_000

/** The same few names and types are in every message. */
function knownBytes(text: string): Buffer {
  const before = known.get(text)
  if (before) return before
  const bytes = Buffer.from(text)
  if (known.size < knownMax) known.set(text, bytes)
  return bytes
}
