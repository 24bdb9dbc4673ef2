import type { Definition } from './definition.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

/** Where events go besides the targets, and how they get there. */
export const busDefinitions = {
  busEngine: {
    group: 'Bus',
    kind: 'choice',
    choices: ['none', 'postgres', 'kafka', 'rabbitmq'],
    default: 'none',
    description:
      'Where every event is published for others. `none`: nowhere; targets are delivered to from the journal.',
  },
  busUrl: {
    group: 'Bus',
    kind: 'secret',
    default: '',
    pattern: /^\S+$/,
    form: 'one address, or several separated by commas, without blanks',
    description: 'Address of the broker, with its password. Empty with `postgres`: the database of the hub.',
  },
  busTopicPrefix: {
    group: 'Bus',
    kind: 'string',
    default: 'tillflow',
    pattern: /^([A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,3})?$/,
    form: 'letters, digits, - and _, in parts separated by dots',
    description:
      'Before the key family in the names of topics. Another prefix is another relay, from the beginning of the journal.',
  },
  busEventSource: {
    group: 'Bus',
    kind: 'string',
    default: '/tillflow',
    pattern: /^[!-~]{1,256}$/,
    form: 'a URI or a path, without blanks',
    description: '`source` of the CloudEvents: what tells this installation from another on the same bus.',
  },
  busRetentionMs: {
    group: 'Bus',
    kind: 'integer',
    unit: 'ms',
    default: 7 * dayMs,
    minimum: minuteMs,
    maximum: 400 * dayMs,
    description: 'How long a bus that keeps what was read keeps it: longer than any outage of a consumer.',
  },
  busCompression: {
    group: 'Bus',
    kind: 'choice',
    choices: ['none', 'gzip', 'zstd', 'lz4', 'snappy'],
    default: 'none',
    description: 'How batches are compressed, where the engine can.',
  },
  busSources: {
    group: 'Bus',
    kind: 'objects',
    default: [],
    description: 'Topics or queues whose messages are receipts: topic, source, group, account, stores.',
  },
  relayBatchEventsMax: {
    group: 'Bus',
    kind: 'integer',
    unit: 'events',
    default: 1_000,
    minimum: 1,
    maximum: 10_000,
    description: 'Events that are published between two moves of the cursor.',
  },
  relayPublishesMax: {
    group: 'Bus',
    kind: 'integer',
    unit: 'publishes',
    default: 4,
    minimum: 1,
    maximum: 64,
    description: 'Publishes on their way at the same time, each for tills of its own.',
  },
  relayLeaseMs: {
    group: 'Bus',
    kind: 'integer',
    unit: 'ms',
    default: 15_000,
    minimum: 1_000,
    maximum: 10 * minuteMs,
    description: 'How long nobody publishes after the process died that did.',
  },
  relayPollMs: {
    group: 'Bus',
    kind: 'integer',
    unit: 'ms',
    default: 1_000,
    minimum: 10,
    maximum: minuteMs,
    description: 'Longest wait for a wake-up that did not come.',
  },
  relayPublishTimeoutMs: {
    group: 'Bus',
    kind: 'integer',
    unit: 'ms',
    default: 30_000,
    minimum: 100,
    maximum: 10 * minuteMs,
    description: 'Longest wait for a confirmation; then it is published again.',
  },
  relayBackoffMaxMs: {
    group: 'Bus',
    kind: 'integer',
    unit: 'ms',
    default: 30_000,
    minimum: 100,
    maximum: 60 * minuteMs,
    description: 'Longest wait between attempts while the broker is away.',
  },
} as const satisfies Record<string, Definition>
