import type { Acknowledgement } from '../simulator/sender/acknowledgements.ts'

/** What one receiver's own log says: the event id of every effect, repeats included. */
export interface ReceiverLog {
  name: string
  effects: readonly string[]
}

export interface Reckoning {
  /** Acknowledged receipts for the books that a receiver does not have, over all receivers. */
  lost: number
  /** Effects that a receiver had more than once. */
  doubled: number
  /** Effects of nothing that was acknowledged. */
  unexplained: number
  missing: { receiver: string; transactionKey: string }[]
}

/** At most so many lost receipts are named. */
const namedMax = 20

/**
 * Compares the tills' own record with the receivers' own logs. The hub is not asked: what it believes of itself proves
 * nothing. `kept` are effects that are right without an acknowledgement: uploads whose answer the till never saw.
 */
export function reckon(
  acknowledgements: readonly Acknowledgement[],
  logs: readonly ReceiverLog[],
  kept: ReadonlySet<string> = new Set(),
): Reckoning {
  const promised = new Map(
    acknowledgements.filter((one) => one.postable).map((one) => [one.transactionId, one.transactionKey]),
  )
  const reckoning: Reckoning = { lost: 0, doubled: 0, unexplained: 0, missing: [] }
  for (const { name, effects } of logs) {
    const seen = new Set<string>()
    for (const id of effects) {
      if (seen.has(id)) reckoning.doubled += 1
      else if (!promised.has(id) && !kept.has(id)) reckoning.unexplained += 1
      seen.add(id)
    }
    for (const [id, transactionKey] of promised) {
      if (seen.has(id)) continue
      reckoning.lost += 1
      if (reckoning.missing.length < namedMax) reckoning.missing.push({ receiver: name, transactionKey })
    }
  }
  return reckoning
}
