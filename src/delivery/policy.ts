import type { TransactionType } from '../domain/transaction/codes.ts'
import type { RateLimit } from './guards/budget.ts'

/** How delivery treats one target. Durations in milliseconds. */
export interface DeliveryPolicy {
  attemptsMax: number
  backoffBaseMs: number
  backoffMaxMs: number
  /** At most half a lease: an attempt is only begun while the lease covers all of it. */
  attemptTimeoutMs: number
  /** How long a dependent waits for an original that has not been delivered. */
  waitDeadlineMs: number
  /** What happens after that: most originals from before the hub's first day never come. */
  whenOriginalMissing: 'park' | 'deliver'
  /** A parked event holds its lane until somebody decides. */
  strictOrder: boolean
  /** Requests on their way at the same time, of all workers together. */
  concurrencyMax: number
  /** How often the target may be asked, by all workers together; undefined: as often as it answers. */
  rate?: RateLimit
  /** Which transaction types this target gets; undefined: everything that is postable. */
  transactionTypes?: readonly TransactionType[]
  /** `error`: receipts with an error finding are parked until somebody looked. */
  holdFindings: 'none' | 'error'
  /** Events read in one cycle. */
  batchEventsMax: number
  /** After this time a cycle commits what is done and lets slow lanes finish by themselves. */
  cycleMaxMs: number
}

export const defaultPolicy: DeliveryPolicy = {
  attemptsMax: 12,
  backoffBaseMs: 1_000,
  backoffMaxMs: 900_000,
  attemptTimeoutMs: 15_000,
  waitDeadlineMs: 86_400_000,
  whenOriginalMissing: 'park',
  strictOrder: false,
  concurrencyMax: 32,
  holdFindings: 'none',
  batchEventsMax: 1_000,
  cycleMaxMs: 1_000,
}
