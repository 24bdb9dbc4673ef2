import { textOfHeader } from './header-text.ts'

/**
 * Attributes of CloudEvents 1.0 in binary mode as AMQP application properties, which are headers in AMQP 0-9-1. The AMQP protocol
 * binding (3.1.3.1) lets `_` or `:` follow the prefix, prefers `_` for the sake of JMS, and asks consumers to understand both.
 */
const prefix = /^cloudEvents[_:]([a-z0-9]+)$/
const requiredAttributes = ['specversion', 'id', 'source', 'type'] as const

/** `datacontenttype` is the content type of the message and no header (3.1.1). */
export function headersOfCloudEvent(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) {
    if (name !== 'datacontenttype') headers[`cloudEvents_${name}`] = value
  }
  return headers
}

/**
 * Takes the attributes out of the headers. A message that lacks one of the four required ones is no CloudEvent: its headers stay
 * headers. Undefined then.
 */
export function takeCloudEvent(headers: Map<string, unknown>): Record<string, string> | undefined {
  const attributes: Record<string, string> = {}
  const taken: string[] = []
  for (const [header, value] of headers) {
    const name = prefix.exec(header)?.[1]
    const text = name === undefined ? undefined : textOfAttribute(name, value)
    if (name === undefined || text === undefined) continue
    attributes[name] = text
    taken.push(header)
  }
  if (requiredAttributes.some((name) => attributes[name] === undefined)) return undefined
  for (const header of taken) headers.delete(header)
  return attributes
}

/** A timestamp in AMQP's own form is a number of seconds; as text it is RFC 3339. */
function textOfAttribute(name: string, value: unknown): string | undefined {
  if (name === 'time' && typeof value === 'number' && Math.abs(value) < 1e11) {
    return new Date(value * 1_000).toISOString().replace('.000Z', 'Z')
  }
  return textOfHeader(value)
}
