import type { ReadContext } from '../../contract/source.ts'
import type { Transaction, TransactionLink } from '../../domain/transaction/transaction.ts'

/** Names that a till's receipt has at Square: made of its number, so that the same receipt is always the same order. */
export interface TillIds {
  account: string
  /** `<store>-<workstation>-<series or 0>-<number>`, with the business day behind it where numbers restart daily. */
  own: string
  /** The receipt that is taken back, where the link says which. */
  original: string | undefined
  /** What the original was first paid by. */
  originalPayment: string | undefined
  /** The location: a store is its own unless it was read from one. */
  location: Record<string, unknown>
}

export function tillIds(transaction: Transaction, { account, store }: ReadContext): TillIds {
  const { businessUnitId, extensions = {} } = transaction
  const { numbersRestartDaily } = store(businessUnitId)
  const idOf = (place: Place, day: string | undefined) => {
    const { series = '0', sequenceNumber = 0 } = place
    const id = `${place.businessUnitId}-${place.workstationId}-${series}-${sequenceNumber}`
    return numbersRestartDaily && day !== undefined ? `${id}-${day}` : id
  }
  const link = (transaction.links ?? []).find(({ linkType }) => linkType === 'RETURN_OF' || linkType === 'EXCHANGE_OF')
  const place = link && placeOf(link, transaction)
  const original = place && idOf(place, place.businessDayDate)
  return {
    account: account?.account ?? 'till',
    own: idOf(transaction, transaction.businessDayDate),
    original,
    originalPayment: original === undefined ? undefined : `${original}-P1`,
    location: { 'square:location_id': extensions['square:location_id'] ?? businessUnitId },
  }
}

type Place = Pick<TransactionLink, 'businessUnitId' | 'workstationId' | 'series' | 'sequenceNumber' | 'businessDayDate'>

/** The parts of a link, or of the key it carries; a link without store and workstation means the same till. */
function placeOf(link: TransactionLink, transaction: Transaction): Place | undefined {
  const key = /^till:([^/@]+)\/([^/@]+)\/([^/@]+)\/(\d+)(?:@(.+))?$/.exec(link.transactionKey ?? '')
  if (key) {
    const [, businessUnitId = '', workstationId = '', series = '-', number, businessDayDate] = key
    return {
      businessUnitId,
      workstationId,
      ...(series !== '-' && { series }),
      sequenceNumber: Number(number),
      ...(businessDayDate !== undefined && { businessDayDate }),
    }
  }
  if (link.sequenceNumber === undefined) return undefined
  return {
    ...link,
    businessUnitId: link.businessUnitId ?? transaction.businessUnitId,
    workstationId: link.workstationId ?? transaction.workstationId ?? '',
  }
}
