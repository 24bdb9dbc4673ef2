import type { Line } from '../../src/domain/transaction/line.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { asSent } from './erasable-hub.ts'

export interface PersonWords {
  customerId?: string
  loyaltyAccountId?: string
  /** Of a line of loyalty points. */
  lineAccountId?: string
  email?: string
  grandTotal?: string
}

/** A sale to somebody, as a till of ours sends it. */
export function saleTo(sequenceNumber: number, words: PersonWords): object {
  const { customerId, loyaltyAccountId, lineAccountId, email, grandTotal } = words
  const sale = makeSale(sequenceNumber)
  const points: Line[] =
    lineAccountId === undefined
      ? []
      : [{ lineNumber: 3, lineType: 'LOYALTY', accountId: lineAccountId, pointsEarned: '5' }]
  return asSent({
    ...sale,
    ...(customerId !== undefined && { customerId }),
    ...(loyaltyAccountId !== undefined && { loyaltyAccountId }),
    lines: [...sale.lines, ...points],
    ...(email !== undefined && { extensions: { 'acme:email': email } }),
    ...(grandTotal !== undefined && { totals: { ...sale.totals, grandTotal } }),
  })
}
