import type { ExactTotals } from '../compute-totals.ts'
import type { Finding, Severity } from '../finding.ts'
import type { StoreProfile } from '../store.ts'
import type { Transaction } from '../transaction/transaction.ts'

export interface CheckContext {
  profile: StoreProfile
  /** When the hub received the transaction, RFC 3339. */
  receivedAt?: string
  /** Our own totals of the transaction, computed once for all checks. */
  totals(): ExactTotals
}

/** What a check found, before the check's own id, severity and advice are added. */
export type Observation = Pick<Finding, 'message'> &
  Partial<Pick<Finding, 'expected' | 'given' | 'lineNumber' | 'severity'>>

/** One invariant that one transaction alone can decide. The texts are for people who know books, not code. */
export interface Check {
  id: string
  title: string
  severity: Severity
  tolerance: string
  /** Why it matters, for a finance person. */
  explanation: string
  /** What to do when it fires. */
  advice: string
  run(transaction: Transaction, context: CheckContext): Observation[]
}
