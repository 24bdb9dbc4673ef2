import type { ReadContext } from '../../../contract/source.ts'
import { linkKey, transactionKey } from '../../../domain/identity.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { extensionText, idValue, inventId } from './vendor-json.ts'

/** Ids of a transaction: Shopify's own where it is one of its facts, else invented from its till number. */
export interface WrittenIds {
  own: string
  order: string | undefined
  /** An id for one of its parts. */
  part(kind: string, index: number): string
}

export function idsOf(transaction: Transaction, context: ReadContext): WrittenIds {
  const { vendorFact, links = [] } = transaction
  const profile = context.store(transaction.businessUnitId)
  const key = transactionKey(transaction, profile)
  if (key === undefined) throw new RangeError('a transaction without an identity cannot be written')
  const link = links.find(
    ({ linkType }) => linkType === 'RETURN_OF' || linkType === 'ORDER_OF' || linkType === 'EXCHANGE_OF',
  )
  const linked = link && linkKey(link, transaction, profile)
  const part = (kind: string, index: number) => inventId(kind, `${key} ${index}`)
  if (vendorFact) return { own: vendorFact.objectId, order: linked?.split('/').at(-1), part }
  return { own: inventId('object', key), order: linked === undefined ? undefined : inventId('object', linked), part }
}

/** Where and by whom. A store that Shopify never numbered is a location of its own name; online is none. */
export function placeOf(transaction: Transaction): { location_id: unknown; device_id: unknown; user_id: unknown } {
  return {
    location_id: idValue(locationOf(transaction)),
    device_id: idValue(transaction.workstationId),
    user_id: idValue(transaction.operatorId),
  }
}

export function locationOf(transaction: Transaction): string | undefined {
  if (transaction.vendorFact) return extensionText(transaction, 'location_id')
  const { channel } = transaction
  return channel === undefined || channel === 'POS' ? transaction.businessUnitId : undefined
}

/** When it happened; what has no time is written at noon of its day. */
export function timeOf({ endDateTime, beginDateTime, businessDayDate }: Transaction): string {
  return endDateTime ?? beginDateTime ?? `${businessDayDate}T12:00:00`
}
