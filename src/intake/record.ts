import type { ProblemCode } from '../contract/problem.ts'
import type { PartialIdentity } from '../contract/source.ts'
import type { Finding } from '../domain/finding.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import type { QuarantinedData } from '../journal/event.ts'

/** A receipt that is ready to be recorded: everything that needs no database is done. */
export interface ReceiptRecord {
  kind: 'receipt'
  transactionId: string
  transactionKey: string
  contentHash: Buffer
  orderingKey: string
  /** Ids of the originals its links name. */
  dependsOn: string[]
  transaction: Transaction
  grandTotalMinor: bigint | undefined
  findings: Finding[]
  /** `data` of the event, as JSON text. */
  eventData: string
  bytes: Uint8Array
  /** Whose data this is, for the choice of the key. */
  subject: string | undefined
  /** Whom it names besides, so that they are found when they ask to be forgotten. */
  mentions: readonly string[]
  fidelity: 'verbatim' | 'masked'
  source: string
  senderId: string
  traceparent: string | undefined
}

/** An upload that can only be kept. */
export interface QuarantineRecord {
  kind: 'quarantine'
  quarantineId: string
  orderingKey: string
  problem: ProblemCode
  detail: string
  partial: PartialIdentity
  bytes: Uint8Array
  fidelity: 'verbatim' | 'masked'
  source: string
  senderId: string
  traceparent: string | undefined
}

export type IntakeRecord = ReceiptRecord | QuarantineRecord

/** `data` of the event of a quarantined upload. */
export function quarantinedData({ quarantineId, source, problem, partial }: QuarantineRecord): QuarantinedData {
  return { quarantineId, source, problem, ...partial }
}

/** What was recorded first under an identity. */
export interface FirstRecord {
  transactionId: string
  transactionKey: string
  contentHash: Buffer
  recordedAt: string
  findings: Finding[]
}

/** What intake needs of a store. PostgreSQL has one, the simulation another; the decisions are the same. */
export interface IntakeStore {
  /** Records those whose identity is new, in one commit with their events. Returns the time for each id that was new; the others are losers. */
  insertReceipts(receipts: readonly ReceiptRecord[]): Promise<Map<string, string>>
  readFirst(transactionIds: readonly string[]): Promise<Map<string, FirstRecord>>
  /** Keeps a conflicting upload once; returns its id, the same for the same content again. */
  insertConflict(receipt: ReceiptRecord): Promise<string>
  /** Keeps an upload once; returns its id, the same for the same bytes again. */
  insertQuarantine(record: QuarantineRecord): Promise<string>
  /** Whether this error belongs to the data of one record, so that bisecting a group finds it. */
  isDataError(error: unknown): boolean
}
