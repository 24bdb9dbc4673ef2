import type { Finding } from '../domain/finding.ts'
import { isPostable } from '../domain/postable.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import type { DeliveryPolicy } from './policy.ts'
import type { Transition } from './transition.ts'

/** What the policy of a target says before anything is sent: skipped with a reason, held, or nothing (INV-15). */
export function screen(
  transaction: Transaction,
  findings: readonly Finding[],
  policy: Pick<DeliveryPolicy, 'transactionTypes' | 'holdFindings'>,
): Transition | undefined {
  if (policy.transactionTypes) {
    if (!policy.transactionTypes.includes(transaction.transactionType)) {
      return { state: 'skipped', reason: `filter: ${transaction.transactionType}` }
    }
  } else {
    const postable = isPostable(transaction)
    if (!postable.postable) return { state: 'skipped', reason: postable.reason }
  }
  const error = policy.holdFindings === 'error' ? findings.find((finding) => finding.severity === 'error') : undefined
  if (error) return { state: 'parked', reasonCode: 'held-by-finding', reason: `${error.check}: ${error.message}` }
  return undefined
}
