import type { StoreProfile } from './store.ts'
import type { LinkType } from './transaction/codes.ts'
import type { Transaction, TransactionLink } from './transaction/transaction.ts'

type Numbering = Pick<StoreProfile, 'numbersRestartDaily'>

/**
 * The permanent identity of a transaction, or undefined when it has none.
 *
 * `till:<store>/<workstation>/<series or ->/<number>`, with `@<business day>` only where numbers restart daily and the source
 * itself reported the day: a day that we derived may be derived differently from a second upload.
 * `fact:<account>/<object type>/<object id>` for sources without till numbers.
 */
export function transactionKey(transaction: Transaction, numbering: Numbering): string | undefined {
  if (transaction.vendorFact) return factKey(transaction.vendorFact)
  const dayCounts = numbering.numbersRestartDaily && reportsDay(transaction)
  return tillKey(transaction, dayCounts ? transaction.businessDayDate : undefined)
}

/** The key of a vendor's fact, for those that point to it. */
export function factKey({ account, objectType, objectId }: NonNullable<Transaction['vendorFact']>): string {
  return `fact:${encodePart(account)}/${encodePart(objectType)}/${encodePart(objectId)}`
}

/**
 * The key of the transaction that a link names, or undefined where its parts do not say which one: a wrong original is worse
 * than none, since delivery waits for it and a refund is booked against it.
 *
 * A link without store and workstation means the same till. Where numbers restart daily a missing day is today only for a
 * link that stays within the business day (a void, a resumed basket); a return may take back any day's receipt.
 */
export function linkKey(link: TransactionLink, transaction: Transaction, numbering: Numbering): string | undefined {
  if (link.transactionKey !== undefined) return link.transactionKey
  const businessUnitId = link.businessUnitId ?? transaction.businessUnitId
  const sameStore = businessUnitId === transaction.businessUnitId
  const workstationId = link.workstationId ?? (sameStore ? transaction.workstationId : undefined)
  const sameTill = sameStore && workstationId === transaction.workstationId
  const place: TillPlace = {
    businessUnitId,
    workstationId,
    series: link.series ?? (sameTill ? transaction.series : undefined),
    sequenceNumber: link.sequenceNumber,
  }
  // Where the source reports no days its originals have none in their keys either.
  if (!numbering.numbersRestartDaily || !reportsDay(transaction)) return tillKey(place, undefined)
  const day = link.businessDayDate ?? (linksOfTheDay.has(link.linkType) ? transaction.businessDayDate : undefined)
  return day === undefined ? undefined : tillKey(place, day)
}

const linksOfTheDay = new Set<LinkType>(['POST_VOID_OF', 'RESUMES'])

/** Events of one key are delivered in order: everything of one workstation, or of one vendor account in a store. */
export function orderingKey(transaction: Transaction): string {
  const { businessUnitId, workstationId, vendorFact } = transaction
  return `${businessUnitId}/${workstationId ?? (vendorFact ? encodePart(vendorFact.account) : '-')}`
}

interface TillPlace {
  businessUnitId: string
  workstationId?: string | undefined
  series?: string | undefined
  sequenceNumber?: number | undefined
}

function tillKey(place: TillPlace, day: string | undefined): string | undefined {
  const { businessUnitId, workstationId, series, sequenceNumber } = place
  if (workstationId === undefined || sequenceNumber === undefined) return undefined
  const key = `till:${businessUnitId}/${workstationId}/${series ?? '-'}/${sequenceNumber}`
  return day === undefined ? key : `${key}@${day}`
}

function reportsDay(transaction: Transaction): boolean {
  return transaction.businessDayDateSource === 'REPORTED'
}

/** Percent-encodes what would be read as a separator. */
function encodePart(part: string): string {
  return part.replace(/[%/@]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
