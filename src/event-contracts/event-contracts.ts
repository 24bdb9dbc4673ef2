import { type EventType, eventTypes } from '../journal/event.ts'
import type { KeyFamily } from './key-families.ts'

/** What the world is promised of one kind of event. */
export interface EventContract {
  /** The CloudEvents type without its version. */
  name: string
  /** Rises with a change that breaks consumers, and the type with it: both are sent side by side for a while. */
  version: number
  eventType: EventType
  title: string
  summary: string
  keyFamily: KeyFamily
  /** What `subject` names, for readers. */
  subject: string
  /** Name of the type of `data` in `journal/event.ts`. */
  dataType: string
  /** The CloudEvents attribute `dataschema`: names the version; additions keep it (CloudEvents 1.0, 3.1.3). */
  dataSchema: string
}

/** Every event that leaves the house. One more is one more entry. */
export const eventContracts: readonly EventContract[] = [
  contractOf(eventTypes.recorded, {
    title: 'Transaction recorded',
    summary: 'A till did something, and it is recorded for ever: a sale, a return, a void, a Z report.',
    keyFamily: 'pos.transaction',
    subject: 'The permanent key of the transaction, such as `till:9/34/A/160`.',
    dataType: 'RecordedData',
  }),
  contractOf(eventTypes.quarantined, {
    title: 'Upload quarantined',
    summary: 'An upload is kept of which no transaction could be made; its till number, where readable, is no gap.',
    keyFamily: 'pos.transaction',
    subject: '`quarantine:` and the id of what is kept.',
    dataType: 'QuarantinedData',
  }),
  contractOf(eventTypes.customerErased, {
    title: 'Customer erased',
    summary:
      'Somebody asked to be forgotten: what a consumer keeps under the reference, or of the transactions named, it erases or makes anonymous.',
    keyFamily: 'pos.transaction',
    subject: '`customer:` or `loyalty:` and the reference of the person.',
    dataType: 'ErasedData',
  }),
]

function contractOf(
  eventType: EventType,
  words: Pick<EventContract, 'title' | 'summary' | 'keyFamily' | 'subject' | 'dataType'>,
): EventContract {
  const [, name = '', version = ''] = /^(.+)\.v(\d+)$/.exec(eventType) ?? []
  const dataSchema = `urn:tillflow:schema:${name}:v${version}`
  return { name, version: Number(version), eventType, dataSchema, ...words }
}
