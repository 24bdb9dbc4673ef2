import type { DeliveryEvent, TargetDocument } from '../../contract/connector.ts'
import { bookTransaction } from '../../domain/booking/book-transaction.ts'
import type { Booking } from '../../domain/booking/booking.ts'
import { fromMinorUnits } from '../../domain/money.ts'
import { type OtherMethods, toMethod } from './payment-method.ts'
import type { TheirBooking, TheirDocument } from './their-document.ts'

/** The document that the ERP books for a transaction; undefined for what is nothing to the books. */
export function toTheirDocument(
  { transaction, subject }: DeliveryEvent,
  others: OtherMethods = {},
): TheirDocument | undefined {
  const booking = bookTransaction(transaction, subject)
  if (!booking) return undefined
  const { reference, kind, currency, workstationId, sequenceNumber, issuedAt, original, closing } = booking
  return {
    reference,
    store: booking.businessUnitId,
    ...(workstationId !== undefined && { register: workstationId }),
    ...(sequenceNumber !== undefined && { number: sequenceNumber }),
    day: booking.businessDayDate,
    ...(issuedAt !== undefined && { issuedAt }),
    currency,
    kind,
    total: Number(booking.total),
    tax: Number(booking.tax),
    ...(original !== undefined && { original }),
    lines: booking.lines.map(({ lineNumber, itemId, description, quantity, net }) => ({
      position: lineNumber,
      article: itemId,
      ...(description !== undefined && { text: description }),
      quantity,
      net: Number(net),
    })),
    charges: booking.charges.map(({ kind, amount }) => ({ kind, amount: Number(amount) })),
    taxes: booking.taxes.map(({ ratePercent, included, amount }) => ({
      ...(ratePercent !== undefined && { rate: ratePercent }),
      included,
      amount: Number(amount),
    })),
    payments: booking.payments.map(({ tenderType, amount }) => ({
      method: toMethod(tenderType, others),
      amount: Number(amount),
    })),
    ...(closing && { closing: toTheirClosing(closing) }),
  }
}

function toTheirClosing({ zNumber, counted, expected, overShort }: NonNullable<Booking['closing']>) {
  return {
    ...(zNumber !== undefined && { number: zNumber }),
    ...(counted !== undefined && { counted: Number(counted) }),
    ...(expected !== undefined && { expected: Number(expected) }),
    ...(overShort !== undefined && { difference: Number(overShort) }),
  }
}

/** The proof that the ERP knows, with its amounts as decimal strings again. */
export function toTargetDocument({ id, kind, total, tax, currency, bookedAt }: TheirBooking): TargetDocument {
  return {
    documentId: id,
    kind,
    amount: fromMinorUnits(BigInt(total), currency),
    tax: fromMinorUnits(BigInt(tax), currency),
    currency,
    postedAt: bookedAt,
  }
}
