import { randomUUID } from 'node:crypto'
import { DatabaseError, type Pool } from 'pg'
import type { RecordedData } from '../journal/event.ts'
import { readEvents } from '../journal/queries.ts'
import { shardOf } from '../journal/shard.ts'
import type { MadeKey, SealedGroup, Vault } from '../privacy/encryption/vault.ts'
import { worstSeverity } from './prepare.ts'
import {
  findConflict,
  findQuarantine,
  type InsertedRow,
  insertConflictText,
  insertQuarantineText,
  insertReceiptsText,
  readFirstRecords,
} from './queries.ts'
import {
  type FirstRecord,
  type IntakeStore,
  type QuarantineRecord,
  quarantinedData,
  type ReceiptRecord,
} from './record.ts'

/** The store of a real hub: PostgreSQL, raw bytes sealed by the vault. */
export function createPostgresIntakeStore(pool: Pool, vault: Vault): IntakeStore {
  return {
    insertReceipts: (receipts) => insertReceipts(pool, vault, receipts),
    readFirst: (transactionIds) => readFirst(pool, transactionIds),
    insertConflict: (receipt) => insertConflict(pool, vault, receipt),
    insertQuarantine: (record) => insertQuarantine(pool, vault, record),
    isDataError,
  }
}

function insertReceipts(pool: Pool, vault: Vault, receipts: readonly ReceiptRecord[]): Promise<Map<string, string>> {
  const records = receipts.map((receipt) => ({
    plain: receipt.bytes,
    associatedData: receipt.transactionId,
    ...(receipt.subject !== undefined && { subject: receipt.subject }),
  }))
  return vault.sealTogether(records, async (sealed) => {
    const { rows } = await pool.query<InsertedRow>({
      name: 'intake-insert-receipts',
      text: insertReceiptsText,
      values: insertedValues(vault, receipts, sealed),
    })
    const result = new Map<string, string>()
    const made: MadeKey[] = []
    for (const row of rows) {
      if (row.transaction_id === null) made.push({ subjectIndex: row.subject_index, keyId: row.key_id })
      else result.set(row.transaction_id, row.recorded_at.toISOString())
    }
    const wasLate = result.size === 0 && made.length < sealed.offered.length
    return wasLate ? undefined : { made, result }
  })
}

function insertedValues(
  vault: Vault,
  receipts: readonly ReceiptRecord[],
  { records, offered, wrapping }: SealedGroup,
): unknown[] {
  const data = packBytes(receipts.map((receipt) => Buffer.from(receipt.eventData)))
  const raws = packBytes(records.map((record) => record.bytes))
  const mentions = receipts.flatMap((r) => r.mentions.map((subject) => ({ subject, transactionId: r.transactionId })))
  return [
    receipts.map((r) => r.transactionId),
    receipts.map((r) => r.transactionKey),
    receipts.map((r) => r.contentHash),
    receipts.map((r) => r.transaction.transactionType),
    receipts.map((r) => r.transaction.businessUnitId),
    receipts.map((r) => r.transaction.workstationId ?? null),
    receipts.map((r) => r.transaction.series ?? null),
    receipts.map((r) => r.transaction.sequenceNumber ?? null),
    receipts.map((r) => r.transaction.businessDayDate),
    receipts.map((r) => r.transaction.currency),
    receipts.map((r) => r.grandTotalMinor?.toString() ?? null),
    receipts.map((r) => worstSeverity(r.findings) ?? null),
    receipts.map((r) => r.source),
    receipts.map((r) => r.senderId),
    receipts.map((r) => r.fidelity),
    data.bytes,
    raws.bytes,
    data.from,
    data.lengths,
    raws.from,
    raws.lengths,
    records.map((record) => record.keyId ?? null),
    receipts.map((r) => r.orderingKey),
    receipts.map((r) => shardOf(r.orderingKey)),
    receipts.map((r) => (r.dependsOn.length > 0 ? r.dependsOn.join(',') : null)),
    receipts.map((r) => r.traceparent ?? null),
    mentions.map(({ subject }) => vault.indexOf(subject)),
    mentions.map(({ transactionId }) => transactionId),
    records.map((record) => record.offer ?? null),
    offered.map(({ subjectIndex }) => subjectIndex),
    offered.map(({ wrappedKey }) => wrappedKey),
    wrapping,
  ]
}

/** Several byte strings as one, with the place (from 1) and length of each. */
function packBytes(parts: readonly Uint8Array[]): { bytes: Buffer; from: number[]; lengths: number[] } {
  const from: number[] = []
  let next = 1
  for (const part of parts) {
    from.push(next)
    next += part.length
  }
  return { bytes: Buffer.concat(parts), from, lengths: parts.map((part) => part.length) }
}

async function readFirst(pool: Pool, transactionIds: readonly string[]): Promise<Map<string, FirstRecord>> {
  const [rows, events] = await Promise.all([readFirstRecords(pool, transactionIds), readEvents(pool, transactionIds)])
  const findings = new Map(events.map((event) => [event.eventId, (event.data as RecordedData).findings]))
  return new Map(
    rows.map((row) => [
      row.transaction_id,
      {
        transactionId: row.transaction_id,
        transactionKey: row.transaction_key,
        contentHash: row.content_hash,
        recordedAt: row.recorded_at.toISOString(),
        findings: findings.get(row.transaction_id) ?? [],
      },
    ]),
  )
}

async function insertConflict(pool: Pool, vault: Vault, receipt: ReceiptRecord): Promise<string> {
  const conflictId = randomUUID()
  const sealed = await vault.seal({
    plain: receipt.bytes,
    associatedData: conflictId,
    ...(receipt.subject !== undefined && { subject: receipt.subject }),
  })
  const result = await pool.query<{ conflict_id: string }>(insertConflictText, [
    conflictId,
    receipt.transactionId,
    receipt.transactionKey,
    receipt.contentHash,
    receipt.source,
    receipt.senderId,
    String(sealed.keyId),
    receipt.fidelity,
    sealed.bytes,
    receipt.mentions.map((subject) => vault.indexOf(subject)),
  ])
  return (
    result.rows[0]?.conflict_id ?? (await findConflict(pool, receipt.transactionId, receipt.contentHash)) ?? conflictId
  )
}

async function insertQuarantine(pool: Pool, vault: Vault, record: QuarantineRecord): Promise<string> {
  const { partial, quarantineId } = record
  const sealed = await vault.seal({ plain: record.bytes, associatedData: quarantineId })
  const fingerprint = vault.fingerprint(record.bytes)
  const { orderingKey } = record
  const result = await pool.query<{ quarantine_id: string }>(insertQuarantineText, [
    quarantineId,
    record.source,
    fingerprint,
    record.problem,
    record.detail,
    partial.businessUnitId ?? null,
    partial.workstationId ?? null,
    partial.series ?? null,
    partial.sequenceNumber ?? null,
    partial.businessDayDate ?? null,
    record.senderId,
    String(sealed.keyId),
    record.fidelity,
    sealed.bytes,
    orderingKey,
    shardOf(orderingKey),
    JSON.stringify(quarantinedData(record)),
    record.traceparent ?? null,
  ])
  return result.rows[0]?.quarantine_id ?? (await findQuarantine(pool, record.source, fingerprint)) ?? quarantineId
}

/** Data exceptions (22), integrity violations (23) and exceeded limits (54) belong to one record, everything else to all. */
function isDataError(error: unknown): boolean {
  return error instanceof DatabaseError && /^(22|23|54)/.test(error.code ?? '')
}
