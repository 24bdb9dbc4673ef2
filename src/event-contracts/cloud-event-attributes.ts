import type { EventContract } from './event-contracts.ts'

/** An attribute or extension of CloudEvents 1.0, as every event carries it. */
export interface CloudEventAttribute {
  name: string
  description: string
  required: boolean
  /** JSON Schema of its text, for one kind of event. */
  schemaOf(contract: EventContract): Record<string, unknown>
}

const text = { type: 'string', minLength: 1 }

/** `datacontenttype` is not among them: in binary mode it is the content type of the message itself. */
export const cloudEventAttributes: readonly CloudEventAttribute[] = [
  {
    name: 'specversion',
    description: 'Version of CloudEvents.',
    required: true,
    schemaOf: () => ({ type: 'string', const: '1.0' }),
  },
  {
    name: 'id',
    description: 'The same however often the event is published: consumers collapse by it.',
    required: true,
    schemaOf: () => ({ type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
  },
  {
    name: 'source',
    description: 'Which installation says so; with `id` the identity of the event.',
    required: true,
    schemaOf: () => text,
  },
  {
    name: 'type',
    description: 'What happened, with the version of its contract.',
    required: true,
    schemaOf: ({ eventType }) => ({ type: 'string', const: eventType }),
  },
  {
    name: 'subject',
    description: 'What it happened to.',
    required: true,
    schemaOf: ({ subject }) => ({ ...text, description: `What it happened to. ${subject}` }),
  },
  {
    name: 'time',
    description: 'When it was recorded (RFC 3339), by the clock of the database.',
    required: true,
    schemaOf: () => ({ type: 'string', format: 'date-time' }),
  },
  {
    name: 'dataschema',
    description: 'The contract of the data. Additions keep it; a change that breaks consumers makes another.',
    required: true,
    schemaOf: ({ dataSchema }) => ({ type: 'string', const: dataSchema }),
  },
  {
    name: 'partitionkey',
    description:
      'The ordering key (extension Partitioning). Events of one key are published in the order of the journal.',
    required: true,
    schemaOf: () => text,
  },
  {
    name: 'traceparent',
    description: 'W3C Trace Context in which it was recorded (extension Distributed Tracing).',
    required: false,
    schemaOf: () => ({ type: 'string', pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' }),
  },
  {
    name: 'sequence',
    description: 'Its place in the journal (extension Sequence): compares as text. A greater one of a key is later.',
    required: true,
    schemaOf: () => ({ type: 'string', pattern: '^[0-9]{20}\\.[0-9]{19}$' }),
  },
  {
    name: 'journalid',
    description: 'Which journal it is in, whatever `source` says. Places of two journals do not compare.',
    required: true,
    schemaOf: () => ({ type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
  },
  {
    name: 'journalxid',
    description: 'First half of its place in the journal, a decimal number.',
    required: true,
    schemaOf: () => ({ type: 'string', pattern: '^[0-9]+$' }),
  },
  {
    name: 'journalposition',
    description: 'Second half of its place in the journal, a decimal number.',
    required: true,
    schemaOf: () => ({ type: 'string', pattern: '^[0-9]+$' }),
  },
  {
    name: 'previousxid',
    description: 'First half of the place of the event before it in its shard; 0 where it is the first.',
    required: true,
    schemaOf: () => ({ type: 'string', pattern: '^[0-9]+$' }),
  },
  {
    name: 'previousposition',
    description: 'Second half of that place: who reads by partition sees from it that nothing is missing.',
    required: true,
    schemaOf: () => ({ type: 'string', pattern: '^[0-9]+$' }),
  },
  {
    name: 'references',
    description: 'The data has references instead of personal data.',
    required: false,
    schemaOf: () => ({ type: 'string', const: 'true' }),
  },
  {
    name: 'dependson',
    description: 'Ids of the events that it takes back, exchanges or voids, with commas between them.',
    required: false,
    schemaOf: () => text,
  },
  {
    name: 'dataref',
    description:
      'Stands instead of the data (extension Dataref), where the broker does not take so much; the body is empty.',
    required: false,
    schemaOf: () => text,
  },
]
