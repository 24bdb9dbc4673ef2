import type { ReceivedMessage } from '../../contract/bus.ts'
import { eventTypes, type JournalEvent, type JournalPosition, stateEventTypes } from '../event.ts'
import { shardOf } from '../shard.ts'

/** What a message of the relay says of its event. */
export interface RelayedEvent {
  /** `data` is undefined where the message has references or no data: the journal has it then. */
  event: JournalEvent
  previous: JournalPosition | undefined
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const decimal = /^\d{1,20}$/
const knownTypes = new Set<string>([...Object.values(eventTypes), ...Object.values(stateEventTypes)])

/** Whether the relay of another journal has published it: places in one journal say nothing of places in another. */
export function isOfAnotherJournal({ cloudEvent }: ReceivedMessage, journalId: string): boolean {
  return cloudEvent?.journalid !== undefined && cloudEvent.journalid !== journalId
}

/**
 * The way back from a message of `toBusMessage`; undefined where it is none, or not of this journal. What was published before
 * messages said of which journal they are is none either: the journal has it.
 */
export function readRelayedMessage(message: ReceivedMessage, journalId: string): RelayedEvent | undefined {
  const { cloudEvent = {}, body, partition, orderingKey } = message
  const { id, type, subject, time, journalxid, journalposition, dependson, references, dataref } = cloudEvent
  if (cloudEvent.journalid !== journalId || id === undefined || !uuid.test(id)) return undefined
  if (subject === undefined || time === undefined) return undefined
  if (type === undefined || !knownTypes.has(type)) return undefined
  const position = positionOf(journalxid, journalposition)
  if (!position) return undefined
  const key = cloudEvent.partitionkey ?? orderingKey
  // Another place than the relay's is not the relay's message.
  if (shardOf(key) !== partition) return undefined
  const isWhole = references === undefined && dataref === undefined
  return {
    event: {
      ...position,
      eventId: id,
      shard: partition,
      eventType: type as JournalEvent['eventType'],
      subject,
      orderingKey: key,
      dependsOn: dependson === undefined ? [] : dependson.split(','),
      data: isWhole ? readData(body) : undefined,
      traceparent: cloudEvent.traceparent,
      recordedAt: new Date(time),
    },
    previous: positionOf(cloudEvent.previousxid, cloudEvent.previousposition),
  }
}

function positionOf(xid: string | undefined, position: string | undefined): JournalPosition | undefined {
  if (xid === undefined || position === undefined || !decimal.test(xid) || !decimal.test(position)) return undefined
  return { xid, position }
}

/** Undefined for what is no JSON, which the journal has in good order. */
function readData(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined
  }
}
