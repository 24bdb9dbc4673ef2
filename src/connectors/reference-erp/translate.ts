import type { DeliveryEvent, TargetDocument } from '../../contract/connector.ts'
import { fromMinorUnits } from '../../domain/money.ts'
import { postingKind } from '../../domain/postable.ts'
import type { TheirBooking, TheirDocument } from './their-document.ts'
import { toCashMovement, toTillClose } from './translate-cash.ts'
import { toSale } from './translate-sale.ts'

/** The document that the ERP books for a transaction; undefined for what is nothing to the books. */
export function toTheirDocument(event: DeliveryEvent): TheirDocument | undefined {
  switch (postingKind(event.transaction)) {
    case 'sale':
      return toSale(event)
    case 'cash-management':
      return toCashMovement(event)
    case 'till-close':
      return toTillClose(event)
    case 'none':
      return undefined
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
