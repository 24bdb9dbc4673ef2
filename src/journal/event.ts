import type { Finding } from '../domain/finding.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'

export const eventTypes = {
  recorded: 'pos.transaction.recorded.v1',
  quarantined: 'pos.transaction.quarantined.v1',
  customerErased: 'customer.erased.v1',
} as const
export type EventType = (typeof eventTypes)[keyof typeof eventTypes]

/** Types whose data is how something is now: the last one of a subject says it all. */
export const stateEventTypes = {
  stockLevelChanged: 'stock.level.changed.v1',
  catalogueItemChanged: 'catalogue.item.changed.v1',
} as const
export type StateEventType = (typeof stateEventTypes)[keyof typeof stateEventTypes]

/** `data` of `pos.transaction.recorded.v1`: what a till did, as it was recorded; it never changes again. */
export interface RecordedData {
  transaction: Transaction
  /** What the checks say of it. */
  findings: Finding[]
}

/** `data` of a state event. */
export interface StateData {
  state: Record<string, unknown>
}

/** `data` of `pos.transaction.quarantined.v1`: the number is occupied, though no transaction could be made of it. */
export interface QuarantinedData {
  /** @pattern ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ */
  quarantineId: string
  /** Name of the source that read it. */
  source: string
  /** Why: a stable code of the list of problems. New codes may come. */
  problem: string
  /** What could be read of its identity, as it stood there. */
  businessUnitId?: string
  workstationId?: string
  series?: string
  /** @asType integer @minimum 0 @maximum 9007199254740991 */
  sequenceNumber?: number
  businessDayDate?: string
}

/** `data` of `customer.erased.v1`: somebody asked to be forgotten. Who it was is known only to those who know the reference. */
export interface ErasedData {
  /** What the reference is of: a customer or a loyalty account. */
  kind: 'customer' | 'loyalty'
  /** What stands in the person's place in events, before and after. @pattern ^ref_[A-Za-z0-9_-]{22}$ */
  reference: string
  /** Keys of transactions that named the person, at most 1,000: for systems that know receipts and not the reference. */
  transactionKeys: string[]
  /** How many there are. @asType integer @minimum 0 */
  transactionsCount: number
}

/** A place in the journal: compare by xid first. Both are decimal text, since they exceed doubles. */
export interface JournalPosition {
  xid: string
  position: string
}

/** An event whose data nobody looked into: the JSON as it was recorded. */
export type UnreadEvent = Omit<JournalEvent, 'data'> & { dataText: string }

/** An event as the journal gives it back. */
export interface JournalEvent extends JournalPosition {
  eventId: string
  shard: number
  eventType: EventType | StateEventType
  subject: string
  orderingKey: string
  dependsOn: string[]
  data: unknown
  traceparent: string | undefined
  recordedAt: Date
}
