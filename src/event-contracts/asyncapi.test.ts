import { readFileSync } from 'node:fs'
import specs from '@asyncapi/specs'
import { Ajv, type AnySchema } from 'ajv'
import { describe, expect, it } from 'vitest'
import { eventTypes } from '../journal/event.ts'
import { shardsCount } from '../journal/shard.ts'
import { asyncapiDocument } from './asyncapi.ts'
import { eventContracts } from './event-contracts.ts'
import { presentAsyncapi, presentInput } from './present-asyncapi.ts'

interface Message {
  name: string
  headers: { properties: Record<string, object>; required: string[] }
  payload: { $ref: string }
  examples: { headers: Record<string, string>; payload: unknown }[]
}
interface Channel {
  address: string
  messages: Record<string, { $ref: string }>
  bindings: { kafka?: { topic: string; partitions: number }; amqp?: { exchange: { name: string } } }
}
interface Document {
  channels: Record<string, Channel>
  components: { messages: Record<string, Message>; schemas: Record<string, object> }
}

const document = JSON.parse(JSON.stringify(presentAsyncapi('0.0.0'))) as Document
const messages = Object.entries(document.components.messages)
const ajv = () => new Ajv({ strict: false, validateFormats: false, allErrors: true })
/** A validator for a schema of the document, in which its references lead somewhere. */
const compile = (schema: object) =>
  ajv().compile({
    ...schema,
    components: JSON.parse(JSON.stringify(document.components).replaceAll('"discriminator":"lineType",', '')),
  })

describe('the AsyncAPI document', () => {
  it('is one by the schema of AsyncAPI 3.0', () => {
    // The published schema brings draft-07 along.
    const options = { strict: false, validateFormats: false, validateSchema: false, meta: false }
    const validate = new Ajv(options).compile(specs.schemas['3.0.0'] as AnySchema)
    expect(validate(document), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true)
    const { address, ...incomplete } = document.channels['pos.transaction.kafka'] ?? { address: '' }
    expect(address).toBe('{prefix}.pos.transaction')
    expect(validate({ ...document, channels: { broken: { ...incomplete, messages: 'none' } } })).toBe(false)
  })

  it('is what the reference shows, but for its version', () => {
    const shown = JSON.parse(readFileSync(new URL('../../docs/reference/asyncapi.json', import.meta.url), 'utf8'))
    expect(presentAsyncapi(shown.info.version)).toEqual(shown)
  })

  it('has a contract for every event of the journal', () => {
    expect(eventContracts.map(({ eventType }) => eventType)).toEqual(Object.values(eventTypes))
    expect(eventContracts.map(({ dataSchema }) => dataSchema)).toEqual([
      'urn:tillflow:schema:pos.transaction.recorded:v1',
      'urn:tillflow:schema:pos.transaction.quarantined:v1',
      'urn:tillflow:schema:customer.erased:v1',
    ])
  })

  it('leaves no reference that leads nowhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
    expect(references.length).toBeGreaterThan(100)
    for (const path of references) {
      const found = path
        .split('/')
        .reduce<unknown>((place, name) => (place as Record<string, unknown> | undefined)?.[name], document)
      expect(found, path).toBeDefined()
    }
  })

  it('publishes every event on both brokers, under names of one topic', () => {
    expect(document.channels).toMatchObject({
      'pos.transaction.kafka': {
        bindings: { kafka: { topic: 'tillflow.pos.transaction', partitions: shardsCount } },
        messages: {
          'pos.transaction.recorded.v1.kafka': {},
          'pos.transaction.quarantined.v1.kafka': {},
          'customer.erased.v1.kafka': {},
        },
      },
      'pos.transaction.amqp': {
        bindings: { amqp: { exchange: { name: 'tillflow.pos.transaction', type: 'topic' } } },
        messages: { 'pos.transaction.recorded.v1.amqp': {}, 'pos.transaction.quarantined.v1.amqp': {} },
      },
    })
    expect(messages).toHaveLength(6)
  })

  it.each(messages)('shows a real event for %s that its own schemas accept', (name, { headers, payload, examples }) => {
    expect(examples).toHaveLength(1)
    for (const example of examples) {
      const [acceptsHeaders, acceptsPayload] = [compile(headers), compile(payload)]
      expect(acceptsHeaders(example.headers), JSON.stringify(acceptsHeaders.errors)).toBe(true)
      expect(acceptsPayload(example.payload), JSON.stringify(acceptsPayload.errors)).toBe(true)
      expect(acceptsPayload({})).toBe(false)
      const prefix = name.endsWith('.kafka') ? 'ce_' : 'cloudEvents_'
      expect(acceptsHeaders({ ...example.headers, [`${prefix}type`]: 'something.else' })).toBe(false)
      expect(headers.required).toEqual(
        expect.arrayContaining(['specversion', 'id', 'source', 'type'].map((attribute) => prefix + attribute)),
      )
    }
  })

  it('refuses a float where an amount is a decimal string', () => {
    const recorded = document.components.messages['pos.transaction.recorded.v1.kafka']
    const payload = structuredClone(recorded?.examples[0]?.payload) as { transaction: { totals: object } }
    Object.assign(payload.transaction.totals, { grandTotal: 1.99 })
    expect(compile(recorded?.payload ?? {})(payload)).toBe(false)
  })

  it('keeps two versions of one event apart', () => {
    const input = presentInput('0.0.0')
    const [first] = input.contracts
    if (!first) throw new RangeError('there is no event')
    const second = {
      ...first,
      version: 2,
      eventType: `${first.name}.v2`,
      dataSchema: 'urn:v2',
    } as unknown as typeof first
    const schema = { $ref: '#/definitions/Second', definitions: { Second: { type: 'object', required: ['second'] } } }
    const example = { ...input.examples[first.eventType], data: { second: true } } as (typeof input.examples)[string]
    const both = asyncapiDocument({
      version: '0.0.0',
      contracts: [...input.contracts, second],
      schemas: { ...input.schemas, [second.eventType]: schema },
      examples: { ...input.examples, [second.eventType]: example },
    }) as unknown as Document
    const { messages } = both.components
    expect(Object.keys(messages)).toHaveLength(8)
    expect(messages[`${first.eventType}.kafka`]).toEqual(document.components.messages[`${first.eventType}.kafka`])
    expect(messages[`${second.eventType}.kafka`]).toMatchObject({
      payload: { $ref: '#/components/schemas/Second' },
      examples: [{ headers: { ce_type: second.eventType, ce_dataschema: 'urn:v2' }, payload: { second: true } }],
    })
    expect(Object.keys(both.channels['pos.transaction.amqp']?.messages ?? {})).toContain(`${second.eventType}.amqp`)
    // Without its own schema it is not given that of the version before.
    expect(() => asyncapiDocument({ ...input, contracts: [...input.contracts, second] })).toThrow(second.eventType)
  })
})
