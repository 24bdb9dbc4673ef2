import type { DeliveryEvent } from '../../contract/connector.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'

/** A CloudEvents 1.0 event in structured mode, with the documented extension `partitionkey` for the order of events. */
export interface TransactionCloudEvent {
  specversion: '1.0'
  id: string
  source: string
  type: string
  subject: string
  time: string
  /** Events of one key are sent in order, one at a time. */
  partitionkey: string
  datacontenttype: 'application/json'
  data: Transaction
}

/** The event as receivers get it; `source` and `id` together are its identity. */
export function toCloudEvent(event: DeliveryEvent, source: string): TransactionCloudEvent {
  return {
    specversion: '1.0',
    id: event.eventId,
    source,
    type: event.type,
    subject: event.subject,
    time: event.recordedAt,
    partitionkey: event.orderingKey,
    datacontenttype: 'application/json',
    data: event.transaction,
  }
}
