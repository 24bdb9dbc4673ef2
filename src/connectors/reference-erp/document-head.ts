import type { DeliveryEvent } from '../../contract/connector.ts'
import type { TheirDocument } from './their-document.ts'

type Head = Pick<TheirDocument, 'reference' | 'store' | 'register' | 'number' | 'day' | 'issuedAt' | 'currency'>

/** What every document begins with. The reference is the transaction's permanent key, so that it is found again by it. */
export function headOf({ subject, transaction }: DeliveryEvent): Head {
  const { businessUnitId, workstationId, sequenceNumber, businessDayDate, endDateTime, currency } = transaction
  return {
    reference: subject,
    store: businessUnitId,
    ...(workstationId !== undefined && { register: workstationId }),
    ...(sequenceNumber !== undefined && { number: sequenceNumber }),
    day: businessDayDate,
    ...(endDateTime !== undefined && { issuedAt: endDateTime }),
    currency,
  }
}
