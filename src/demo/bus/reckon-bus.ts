import type { Acknowledgement } from '../../simulator/sender/acknowledgements.ts'

/** What an independent consumer found on the bus. */
export interface BusReckoning {
  engine: string
  /** Receipts that the broker has confirmed to the hub. */
  published: number
  /** Acknowledged receipts that the consumer has, each counted once. */
  consumed: number
  /** Keys of acknowledged receipts that it does not have. */
  missing: string[]
}

/** Compares the tills' own record with the consumer's. Receipts that are not for the books are events too. */
export function reckonBus(
  acknowledgements: readonly Acknowledgement[],
  consumedIds: readonly string[],
): Pick<BusReckoning, 'consumed' | 'missing'> {
  const seen = new Set(consumedIds)
  const promised = new Map(acknowledgements.map(({ transactionId, transactionKey }) => [transactionId, transactionKey]))
  const missing = [...promised].filter(([id]) => !seen.has(id)).map(([, transactionKey]) => transactionKey)
  return { consumed: promised.size - missing.length, missing }
}
