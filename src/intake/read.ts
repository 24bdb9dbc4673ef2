import type { Pool } from 'pg'
import { transactionIdOf } from './identity.ts'

/** How much was kept, by kind. */
export async function countKept(pool: Pool): Promise<{ transactions: number; quarantined: number; conflicts: number }> {
  const { rows } = await pool.query<Record<'transactions' | 'quarantined' | 'conflicts', string>>(
    `select (select count(*) from transactions) as transactions, (select count(*) from quarantine) as quarantined,
       (select count(*) from conflicts) as conflicts`,
  )
  const [row] = rows
  return {
    transactions: Number(row?.transactions ?? 0),
    quarantined: Number(row?.quarantined ?? 0),
    conflicts: Number(row?.conflicts ?? 0),
  }
}

/** What was kept and waits for a person. */
export async function countOpenCases(pool: Pool): Promise<{ quarantined: number; conflicts: number }> {
  const { rows } = await pool.query<Record<'quarantined' | 'conflicts', string>>(
    `select (select count(*) from quarantine where state = 'open') as quarantined,
       (select count(*) from conflicts where state = 'open') as conflicts`,
  )
  return { quarantined: Number(rows[0]?.quarantined ?? 0), conflicts: Number(rows[0]?.conflicts ?? 0) }
}

/** A recorded transaction as intake knows it; its content is in the journal. */
export interface RecordedReceipt {
  transactionId: string
  transactionKey: string
  contentHash: string
  transactionType: string
  businessUnitId: string
  businessDayDate: string
  source: string
  senderId: string
  fidelity: string
  recordedAt: Date
  conflicts: { conflictId: string; receivedAt: Date; source: string }[]
}

/** Finds a receipt by id, by key (`till:9/3/-/160`), or by `store/workstation/number` of a series that was never reset. */
export async function findReceipt(pool: Pool, text: string): Promise<RecordedReceipt | undefined> {
  const { rows } = await pool.query<RecordedReceipt>(
    `select t.transaction_id as "transactionId", t.transaction_key as "transactionKey", encode(t.content_hash, 'hex') as "contentHash",
       t.transaction_type as "transactionType", t.business_unit_id as "businessUnitId", t.business_day_date::text as "businessDayDate",
       t.source, t.sender_id as "senderId", r.fidelity, t.recorded_at as "recordedAt",
       coalesce((select json_agg(json_build_object('conflictId', c.conflict_id, 'receivedAt', c.received_at, 'source', c.source))
         from conflicts c where c.transaction_id = t.transaction_id), '[]') as conflicts
     from transactions t left join raw_records r on r.record_id = t.transaction_id
     where t.transaction_id = $1::uuid`,
    [idOf(text)],
  )
  return rows[0]
}

function idOf(text: string): string | null {
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) return text
  if (/^(till|fact):/.test(text)) return transactionIdOf(text)
  const [, store, workstation, number] = /^([A-Za-z0-9._-]+)\/([A-Za-z0-9._-]+)\/(\d{1,16})$/.exec(text) ?? []
  return number === undefined ? null : transactionIdOf(`till:${store}/${workstation}/-/${number}`)
}

/** The ids of everything that was recorded. */
export async function readRecordedTransactionIds(pool: Pool): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>('select transaction_id as id from transactions')
  return new Set(rows.map((row) => row.id))
}
