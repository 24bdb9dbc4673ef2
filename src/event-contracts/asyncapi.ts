import { componentOf, type DefinedSchema, gatherComponents } from '../contract/schema-components.ts'
import { cloudEventAttributes } from './cloud-event-attributes.ts'
import type { EventContract } from './event-contracts.ts'
import { type KeyFamilyContract, keyFamilies } from './key-families.ts'
import { type Protocol, protocols } from './protocols.ts'

/** A real event for readers. */
export interface EventExample {
  id: string
  subject: string
  orderingKey: string
  time: string
  data: unknown
}

/**
 * What the document is made from. Schemas and examples go by the type of the event: two versions of one event share its name, and
 * are published side by side.
 */
export interface AsyncapiInput {
  version: string
  contracts: readonly EventContract[]
  /** JSON Schemas of `data`, from the types. */
  schemas: Readonly<Record<string, DefinedSchema>>
  examples: Readonly<Record<string, EventExample>>
}

/** What every topic begins with unless the operator chooses another word. */
export const topicPrefixDefault = 'tillflow'

export type AsyncapiDocument = Record<string, unknown> & { asyncapi: '3.0.0' }

/** The AsyncAPI 3.0 document of every event on every kind of broker. */
export function asyncapiDocument(input: AsyncapiInput): AsyncapiDocument {
  const places = keyFamilies.flatMap((family) => protocols.map((protocol) => ({ family, protocol })))
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tillflow events',
      version: input.version,
      description:
        'What happened at tills, as CloudEvents 1.0 in binary mode, published at least once after the commit that records it. Personal data travels as references (`customerId`, `loyaltyAccountId`), never itself.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: Object.fromEntries(protocols.map(({ name, server }) => [name, server])),
    channels: Object.fromEntries(places.map((place) => [channelName(place), channelOf(place, input)])),
    operations: Object.fromEntries(places.map((place) => [`publish.${channelName(place)}`, operationOf(place)])),
    components: {
      messages: Object.fromEntries(
        places.flatMap((place) =>
          contractsOf(place.family, input).map((contract) => [
            messageName(contract, place.protocol),
            messageOf(contract, place, input),
          ]),
        ),
      ),
      schemas: withTextDiscriminators(gatherComponents(Object.values(input.schemas))),
    },
  }
}

interface Place {
  family: KeyFamilyContract
  protocol: Protocol
}

function contractsOf({ keyFamily }: KeyFamilyContract, { contracts }: AsyncapiInput): EventContract[] {
  return contracts.filter((contract) => contract.keyFamily === keyFamily)
}

function channelName({ family, protocol }: Place): string {
  return `${family.keyFamily}.${protocol.name}`
}

function messageName({ eventType }: EventContract, protocol: Protocol): string {
  return `${eventType}.${protocol.name}`
}

function channelOf({ family, protocol }: Place, input: AsyncapiInput): Record<string, unknown> {
  const names = contractsOf(family, input).map((contract) => messageName(contract, protocol))
  return {
    address: `{prefix}.${family.keyFamily}`,
    title: `${family.title} on ${protocol.title}`,
    description: family.description,
    servers: [{ $ref: `#/servers/${protocol.name}` }],
    parameters: { prefix: { description: 'The same for all topics of an installation.', default: topicPrefixDefault } },
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { [protocol.name]: protocol.channelBinding(family, `${topicPrefixDefault}.${family.keyFamily}`) },
  }
}

function operationOf(place: Place): Record<string, unknown> {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${channelName(place)}` },
    summary: `The hub publishes ${place.family.title.toLowerCase()}.`,
    bindings: { [place.protocol.name]: place.protocol.operationBinding },
  }
}

function messageOf(contract: EventContract, { family, protocol }: Place, input: AsyncapiInput): object {
  const { eventType, title, summary } = contract
  const [schema, example] = [input.schemas[eventType], input.examples[eventType]]
  if (!schema || !example) throw new RangeError(`no schema or no example of ${eventType}`)
  return {
    name: eventType,
    title,
    summary,
    contentType: 'application/json',
    headers: headersSchema(contract, protocol),
    payload: componentOf(schema),
    bindings: { [protocol.name]: protocol.messageBinding(family) },
    examples: [{ name: 'simulated', headers: exampleHeaders(contract, protocol, example), payload: example.data }],
  }
}

function headersSchema(contract: EventContract, { headerOf, moreHeaders }: Protocol): Record<string, unknown> {
  const attributes = cloudEventAttributes.map(({ name, description, required, schemaOf }) => ({
    name: headerOf(name),
    required,
    schema: { description, ...schemaOf(contract) },
  }))
  const others = Object.entries(moreHeaders).map(([name, header]) => ({ name, ...header }))
  const all = [...attributes, ...others]
  return {
    type: 'object',
    properties: Object.fromEntries(all.map(({ name, schema }) => [name, schema])),
    required: all.filter(({ required }) => required).map(({ name }) => name),
  }
}

function exampleHeaders(contract: EventContract, protocol: Protocol, example: EventExample): Record<string, string> {
  const { id, subject, time, orderingKey } = example
  const attributes = {
    specversion: '1.0',
    id,
    source: '/tillflow',
    type: contract.eventType,
    subject,
    time,
    dataschema: contract.dataSchema,
    partitionkey: orderingKey,
    sequence: '00000000000000000742.0000000000000000014',
    journalid: '7b0f7a3e-52d7-4c3a-9d0b-1f2e3d4c5b6a',
    journalxid: '742',
    journalposition: '14',
    previousxid: '741',
    previousposition: '9',
  }
  const more = Object.entries(protocol.moreHeaders).map(([name, header]) => [name, header.example])
  return Object.fromEntries([
    ...Object.entries(attributes).map(([name, value]) => [protocol.headerOf(name), value]),
    ...more,
  ])
}

/** AsyncAPI's discriminator is the name of a field, OpenAPI's an object that has it. */
function withTextDiscriminators(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTextDiscriminators)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const isDiscriminator = key === 'discriminator' && member !== null && typeof member === 'object'
      return [key, isDiscriminator && 'propertyName' in member ? member.propertyName : withTextDiscriminators(member)]
    }),
  )
}
