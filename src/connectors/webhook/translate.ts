import type { DeliveryEvent, ErasureEvent } from '../../contract/connector.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'

/**
 * A CloudEvents 1.0 event in structured mode, with the documented extensions `partitionkey` for the order of events
 * and `traceparent` for the trace in which the receipt was recorded.
 */
export interface WebhookCloudEvent<Data> {
  specversion: '1.0'
  id: string
  source: string
  type: string
  subject: string
  time: string
  /** Events of one key are sent in order, one at a time. */
  partitionkey: string
  /** The same in every attempt; the attempt's own stands in the header of this name. */
  traceparent?: string
  datacontenttype: 'application/json'
  data: Data
}

export type TransactionCloudEvent = WebhookCloudEvent<Transaction>

/** Somebody asked to be forgotten: what the receiver has of the person goes. */
export type ErasureCloudEvent = WebhookCloudEvent<
  Pick<ErasureEvent, 'kind' | 'reference' | 'transactionKeys' | 'transactionsCount'>
>

/** The event as receivers get it; `source` and `id` together are its identity. */
export function toCloudEvent(event: DeliveryEvent, source: string): TransactionCloudEvent {
  return { ...attributesOf(event, source), data: event.transaction }
}

export function toErasureCloudEvent(event: ErasureEvent, source: string): ErasureCloudEvent {
  const { kind, reference, transactionKeys, transactionsCount } = event
  return { ...attributesOf(event, source), data: { kind, reference, transactionKeys, transactionsCount } }
}

function attributesOf(
  event: Omit<DeliveryEvent, 'transaction'>,
  source: string,
): Omit<WebhookCloudEvent<unknown>, 'data'> {
  return {
    specversion: '1.0',
    id: event.eventId,
    source,
    type: event.type,
    subject: event.subject,
    time: event.recordedAt,
    partitionkey: event.orderingKey,
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    datacontenttype: 'application/json',
  }
}
