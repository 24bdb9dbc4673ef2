import type { Transaction } from '../transaction/transaction.ts'
import type { Booking } from './booking.ts'

type Head = Pick<
  Booking,
  'reference' | 'businessUnitId' | 'workstationId' | 'sequenceNumber' | 'businessDayDate' | 'issuedAt' | 'currency'
>

/** What every document begins with. */
export function bookHead(transaction: Transaction, reference: string): Head {
  const { businessUnitId, workstationId, sequenceNumber, businessDayDate, endDateTime, currency } = transaction
  return {
    reference,
    businessUnitId,
    ...(workstationId !== undefined && { workstationId }),
    ...(sequenceNumber !== undefined && { sequenceNumber }),
    businessDayDate,
    ...(endDateTime !== undefined && { issuedAt: endDateTime }),
    currency,
  }
}
