import type { Answer } from './answer.ts'
import type { FirstRecord, ReceiptRecord } from './record.ts'

/** What to do with a receipt after the store said whether its identity was new. */
export type Decision = { kind: 'answer'; answer: Answer } | { kind: 'keep-conflict'; first: FirstRecord }

export function decideReceipt(
  receipt: ReceiptRecord,
  recordedAt: string | undefined,
  first: FirstRecord | undefined,
): Decision {
  if (recordedAt !== undefined) {
    return { kind: 'answer', answer: recordedAnswer('recorded', receipt, { recordedAt, findings: receipt.findings }) }
  }
  if (!first) throw new Error('an identity that is not new was recorded before')
  if (first.contentHash.equals(receipt.contentHash)) {
    return { kind: 'answer', answer: recordedAnswer('duplicate', receipt, first) }
  }
  return { kind: 'keep-conflict', first }
}

function recordedAnswer(
  kind: 'recorded' | 'duplicate',
  receipt: ReceiptRecord,
  first: Pick<FirstRecord, 'recordedAt' | 'findings'>,
): Answer {
  return {
    kind,
    transactionId: receipt.transactionId,
    transactionKey: receipt.transactionKey,
    contentHash: receipt.contentHash.toString('hex'),
    recordedAt: first.recordedAt,
    findings: first.findings,
  }
}
