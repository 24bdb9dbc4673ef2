import type { StoreProfile } from './store.ts'
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
  if (transaction.vendorFact) {
    const { account, objectType, objectId } = transaction.vendorFact
    return `fact:${encodePart(account)}/${encodePart(objectType)}/${encodePart(objectId)}`
  }
  const dayReported = transaction.businessDayDateSource !== 'DERIVED'
  return tillKey(transaction, dayReported ? transaction.businessDayDate : undefined, numbering)
}

/** The key of the transaction that a link names; what the link leaves out is taken from the transaction that carries it. */
export function linkKey(link: TransactionLink, transaction: Transaction, numbering: Numbering): string | undefined {
  if (link.transactionKey !== undefined) return link.transactionKey
  if (link.sequenceNumber === undefined) return undefined
  const sameTill = link.businessUnitId === undefined && link.workstationId === undefined
  const place = {
    businessUnitId: link.businessUnitId ?? transaction.businessUnitId,
    workstationId: link.workstationId ?? transaction.workstationId,
    series: link.series ?? (sameTill ? transaction.series : undefined),
    sequenceNumber: link.sequenceNumber,
  }
  return tillKey(place, link.businessDayDate ?? transaction.businessDayDate, numbering)
}

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

function tillKey(place: TillPlace, day: string | undefined, { numbersRestartDaily }: Numbering): string | undefined {
  const { businessUnitId, workstationId, series, sequenceNumber } = place
  if (workstationId === undefined || sequenceNumber === undefined) return undefined
  const key = `till:${businessUnitId}/${workstationId}/${series ?? '-'}/${sequenceNumber}`
  return numbersRestartDaily && day !== undefined ? `${key}@${day}` : key
}

/** Percent-encodes what would be read as a separator. */
function encodePart(part: string): string {
  return part.replace(/[%/@]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
