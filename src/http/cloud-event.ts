import type { ReceivedMessage } from '../contract/bus.ts'
import { Problem } from '../contract/problem.ts'
import { decodeUtf8, parseStrictJson } from '../contract/strict-json.ts'

const structured = /^application\/cloudevents\+json\b/i

/**
 * What a message says, without its envelope: the body, or the data of a CloudEvent in structured mode (CloudEvents 1.0, JSON
 * format, section 3). Throws `cloud-event-invalid` for an event without what the standard demands (section 3.1 of its core).
 */
export function openEnvelope({ cloudEvent, contentType, body }: ReceivedMessage): Uint8Array {
  if (structured.test(contentType)) return openStructured(body)
  if (cloudEvent !== undefined) checkAttributes(cloudEvent)
  return body
}

function openStructured(body: Uint8Array): Uint8Array {
  const event = parseStrictJson(decodeUtf8(body))
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new Problem('cloud-event-invalid')
  const attributes = event as Record<string, unknown>
  checkAttributes(attributes)
  const { data, data_base64: encoded } = attributes
  if (typeof encoded === 'string') return Buffer.from(encoded, 'base64')
  if (typeof data === 'string') return Buffer.from(data)
  return data === undefined || data === null ? new Uint8Array() : Buffer.from(JSON.stringify(data))
}

function checkAttributes(attributes: Readonly<Record<string, unknown>>): void {
  if (attributes.specversion !== '1.0') {
    throw new Problem('cloud-event-invalid', 'The specversion of the CloudEvent is not 1.0.')
  }
  for (const name of ['id', 'source', 'type']) {
    const value = attributes[name]
    if (typeof value !== 'string' || value === '')
      throw new Problem('cloud-event-invalid', `The CloudEvent has no ${name}.`)
  }
}
