import type { BusMessage } from '../../contract/bus.ts'
import { referPersonalText } from '../../privacy/refer-personal-data.ts'
import type { Reference } from '../../privacy/references.ts'
import type { JournalPosition, UnreadEvent } from '../event.ts'

export interface MessageOptions {
  /** Before the key family in the names of topics. */
  topicPrefix: string
  /** `source` of CloudEvents: this installation, as its operator calls it. */
  eventSource: string
  /** Which journal it is, whatever operators call it. */
  journalId: string
  refer: Reference
}

/** All events of a till have one key and go to one topic, so that a quarantined number stands among the receipts around it. */
const keyFamily = 'pos.transaction'

export function topicOf({ topicPrefix }: Pick<MessageOptions, 'topicPrefix'>): string {
  return topicPrefix === '' ? keyFamily : `${topicPrefix}.${keyFamily}`
}

/**
 * An event of the journal as a CloudEvent 1.0 in binary mode, with references instead of personal data. `previous` is the event
 * before it in its shard: who consumes by partition sees from it that nothing is missing.
 */
export function toBusMessage(event: UnreadEvent, options: MessageOptions, previous: JournalPosition): BusMessage {
  const dataText = referPersonalText(event.dataText, options.refer)
  return {
    topic: topicOf(options),
    orderingKey: event.orderingKey,
    partition: event.shard,
    headers: event.traceparent === undefined ? {} : { traceparent: event.traceparent },
    cloudEvent: {
      ...attributesOf(event, options),
      previousxid: previous.xid,
      previousposition: previous.position,
      ...(dataText !== event.dataText && { references: 'true' }),
    },
    contentType: 'application/json',
    body: Buffer.from(dataText),
  }
}

/**
 * The same event without its data, for a broker that does not take so much: `dataref` (CloudEvents' extension of the same name)
 * names the event whose data the hub keeps. It has the place of the event among those of its key.
 */
export function toClaimCheck(message: BusMessage): BusMessage {
  const { cloudEvent = {} } = message
  return {
    ...message,
    cloudEvent: { ...cloudEvent, dataref: `urn:tillflow:event:${cloudEvent.id ?? ''}` },
    body: new Uint8Array(),
  }
}

function attributesOf(event: UnreadEvent, { eventSource, journalId }: MessageOptions): Record<string, string> {
  return {
    specversion: '1.0',
    id: event.eventId,
    source: eventSource,
    type: event.eventType,
    subject: event.subject,
    time: event.recordedAt.toISOString(),
    dataschema: `urn:tillflow:schema:${event.eventType.replace(/\.(v\d+)$/, ':$1')}`,
    partitionkey: event.orderingKey,
    // Compares as text in the order of the journal: twenty digits hold every xid8, nineteen every bigint.
    sequence: `${event.xid.padStart(20, '0')}.${event.position.padStart(19, '0')}`,
    journalid: journalId,
    journalxid: event.xid,
    journalposition: event.position,
    ...(event.dependsOn.length > 0 && { dependson: event.dependsOn.join(',') }),
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
  }
}
