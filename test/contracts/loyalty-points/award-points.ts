/** What this consumer reads of `pos.transaction.recorded.v1`: no more, so that everything else may change. */
export interface LoyaltyEvent {
  transaction: {
    transactionType: string
    businessUnitId: string
    currency: string
    loyaltyAccountId?: string
    totals?: { grandTotal: string }
  }
}

export interface PointsEntry {
  /** The event's own: a second delivery of it makes no second entry. */
  id: string
  accountId: string
  /** Below zero for what is taken back. */
  points: bigint
}

const earning = new Set(['SALE', 'RETURN', 'EXCHANGE'])

/** A point for each whole unit of money, by the till's own total; undefined where nobody earns any. */
export function awardPoints(id: string, { transaction }: LoyaltyEvent): PointsEntry | undefined {
  const { transactionType, loyaltyAccountId, totals } = transaction
  // New types may come; this consumer knows what earns points and passes over the rest.
  if (!earning.has(transactionType) || loyaltyAccountId === undefined || !totals) return undefined
  const [whole = '0'] = totals.grandTotal.split('.')
  return { id, accountId: loyaltyAccountId, points: BigInt(whole) }
}
