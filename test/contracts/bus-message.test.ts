import { createSecretKey } from 'node:crypto'
import { Ajv } from 'ajv'
import { expect, it } from 'vitest'
import { topicPrefixDefault } from '../../src/event-contracts/asyncapi.ts'
import { presentAsyncapi } from '../../src/event-contracts/present-asyncapi.ts'
import { type EventType, eventTypes, type JournalEvent } from '../../src/journal/event.ts'
import { toBusMessage, toClaimCheck, topicOf } from '../../src/journal/relay/message.ts'
import { createReferences } from '../../src/privacy/references.ts'
import { makeSale } from '../../src/testing/receipts.ts'

const options = {
  topicPrefix: topicPrefixDefault,
  eventSource: '/tillflow',
  journalId: '7b0f7a3e-52d7-4c3a-9d0b-1f2e3d4c5b6a',
  refer: createReferences(createSecretKey(Buffer.alloc(32, 1))),
}
const eventId = '0f8b1f52-93a4-4b8e-8f6b-2a51c0de9e41'
const data: Record<EventType, unknown> = {
  [eventTypes.recorded]: {
    transaction: makeSale(1, { customerId: 'C-1', loyaltyAccountId: 'L-1' }),
    findings: [],
  },
  [eventTypes.quarantined]: { quarantineId: eventId, source: 'poslog', problem: 'schema-violation' },
  [eventTypes.customerErased]: {
    kind: 'customer',
    reference: options.refer('customer', 'C-1'),
    transactionKeys: ['till:9/3/-/1'],
    transactionsCount: 1,
  },
}

function messageOf(eventType: EventType, more: Partial<JournalEvent> = {}) {
  const event: JournalEvent = {
    eventId,
    eventType,
    xid: '742',
    position: '14',
    shard: 5,
    subject: 'till:9/3/-/1',
    orderingKey: '9/3',
    dependsOn: [],
    data: data[eventType],
    traceparent: undefined,
    recordedAt: new Date('2026-03-02T12:00:00Z'),
    ...more,
  }
  return toBusMessage({ ...event, dataText: JSON.stringify(event.data) }, options, { xid: '0', position: '0' })
}

interface Document {
  channels: Record<string, { address: string }>
  components: { messages: Record<string, { headers: { properties: Record<string, object> }; payload: object }> }
}
const document = JSON.parse(JSON.stringify(presentAsyncapi('0.0.0'))) as Document
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
const inAjv = (schema: object) => ({
  ...schema,
  // The discriminator of AsyncAPI is a name, that of the validator an object.
  components: JSON.parse(JSON.stringify(document.components).replaceAll('"discriminator":"lineType",', '')),
})

it('goes to the topic that is promised', () => {
  expect(topicOf(options)).toBe(
    document.channels['pos.transaction.kafka']?.address.replace('{prefix}', options.topicPrefix),
  )
})

it.each(Object.values(eventTypes))('has the attributes and the data that are promised of %s', (eventType) => {
  const contract = document.components.messages[`${eventType}.kafka`]
  expect(contract).toBeDefined()
  const acceptsHeaders = ajv.compile(contract?.headers ?? false)
  const acceptsData = ajv.compile(inAjv(contract?.payload ?? { not: {} }))
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const full = messageOf(eventType, { dependsOn: [eventId], traceparent })
  for (const message of [messageOf(eventType), full, toClaimCheck(full)]) {
    const attributes = Object.entries(message.cloudEvent ?? {}).map(([name, value]) => [`ce_${name}`, value])
    const headers = Object.fromEntries([...attributes, ['content-type', message.contentType]])
    expect(acceptsHeaders(headers), JSON.stringify(acceptsHeaders.errors)).toBe(true)
    expect(Object.keys(contract?.headers.properties ?? {})).toEqual(expect.arrayContaining(Object.keys(headers)))
    if (message.body.length === 0) continue
    const body: unknown = JSON.parse(Buffer.from(message.body).toString())
    expect(acceptsData(body), JSON.stringify(acceptsData.errors)).toBe(true)
  }
})
