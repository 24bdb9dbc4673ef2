import type { ProblemCode } from '../contract/problem.ts'
import type { Finding } from '../domain/finding.ts'

/**
 * What intake says of one upload. Over HTTP: recorded 201, duplicate 200, quarantined 202, conflict 409.
 * Every kind is given only after the commit that makes it true.
 */
export type Answer = RecordedAnswer | QuarantinedAnswer | ConflictAnswer

export interface RecordedAnswer {
  /** `duplicate`: seen before with the same content; this is the first answer again. */
  kind: 'recorded' | 'duplicate'
  transactionId: string
  /** The permanent identity, e.g. `till:9/34/A/160` (see `transactionKey`). */
  transactionKey: string
  contentHash: string
  recordedAt: string
  findings: Finding[]
}

export interface QuarantinedAnswer {
  kind: 'quarantined'
  quarantineId: string
  problem: ProblemCode
  detail: string
}

export interface ConflictAnswer {
  kind: 'conflict'
  conflictId: string
  /** The transaction that was recorded first under this identity. */
  transactionId: string
  transactionKey: string
}
