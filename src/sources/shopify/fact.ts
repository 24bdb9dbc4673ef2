import { factKey } from '../../domain/identity.ts'
import { businessDayOf, resolveTimestamp } from '../../domain/time.ts'
import type { Channel, TransactionStatus, TransactionType } from '../../domain/transaction/codes.ts'
import type { Line } from '../../domain/transaction/line.ts'
import type { Totals } from '../../domain/transaction/totals.ts'
import type { Transaction, TransactionLink } from '../../domain/transaction/transaction.ts'
import type { Reading } from './reading.ts'
import { storeFor } from './reading.ts'
import { Unreadable } from './unreadable.ts'

/** The objects of Shopify that are facts by themselves: none of them changes once it is there. */
export type ObjectType =
  | 'order'
  | 'order_line'
  | 'order_cancellation'
  | 'refund'
  | 'transaction'
  | 'pending_transaction'
  | 'tender_transaction'

/** Everything a fact says, before it has the form of a transaction. */
export interface FactParts {
  objectType: ObjectType
  objectId: string
  transactionType: TransactionType
  status?: TransactionStatus
  channel?: Channel
  location: string | undefined
  device?: string | undefined
  operator?: string | undefined
  /** When it happened; where Shopify does not say, `seenAt` gives the day only. */
  happenedAt?: string | undefined
  seenAt?: string | undefined
  version?: string | undefined
  currency: string
  receiptNumber?: string | undefined
  customer?: string | undefined
  isTest?: boolean
  lines: Line[]
  totals?: Totals | undefined
  links?: TransactionLink[]
  extensions?: Record<string, unknown>
}

export function makeFact(reading: Reading, parts: FactParts): Transaction {
  const { objectType, objectId, location, device, operator, customer, totals, links = [] } = parts
  const businessUnitId = storeFor(reading, location)
  const extensions = { ...parts.extensions, ...(location !== undefined && { 'shopify:location_id': location }) }
  return {
    schemaVersion: 1,
    transactionType: parts.transactionType,
    status: parts.status ?? 'COMPLETED',
    businessUnitId,
    channel: parts.channel ?? (location === undefined ? 'ECOM' : 'POS'),
    ...(device !== undefined && { workstationId: device }),
    ...(operator !== undefined && { operatorId: operator }),
    ...(parts.receiptNumber !== undefined && { receiptNumber: parts.receiptNumber }),
    vendorFact: { account: reading.account.account, objectType, objectId },
    source: {
      system: 'shopify',
      ...(parts.version !== undefined && { version: parts.version }),
      transactionId: objectId,
    },
    ...times(reading, businessUnitId, parts),
    currency: parts.currency,
    ...(customer !== undefined && { customerId: customer }),
    ...(parts.isTest && { trainingMode: true }),
    lines: parts.lines,
    ...(totals && { totals }),
    ...(links.length > 0 && { links }),
    ...(Object.keys(extensions).length > 0 && { extensions }),
  }
}

/** A link to the order that something belongs to. */
export function orderLink(
  { account }: Reading,
  linkType: 'RETURN_OF' | 'ORDER_OF',
  orderId: string | undefined,
): TransactionLink[] {
  if (orderId === undefined) return []
  return [{ linkType, transactionKey: factKey({ account: account.account, objectType: 'order', objectId: orderId }) }]
}

function times(reading: Reading, businessUnitId: string, { happenedAt, seenAt }: FactParts) {
  const profile = reading.store(businessUnitId)
  const text = happenedAt ?? seenAt
  if (text === undefined) throw new Unreadable('invalid-timestamp', 'It does not say when it happened.')
  const resolved = resolveTimestamp(text, profile.timeZone)
  if (!resolved) throw new Unreadable('invalid-timestamp', 'Its time is not a time of the calendar.')
  return {
    businessDayDate: businessDayOf(resolved.timestamp, profile),
    businessDayDateSource: 'DERIVED' as const,
    ...(happenedAt !== undefined && { endDateTime: resolved.timestamp, utcOffsetSource: resolved.offset }),
  }
}
