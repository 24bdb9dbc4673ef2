import type { Pool } from 'pg'
import type { TargetDocument } from '../contract/connector.ts'
import type { StepRecord } from './steps.ts'

interface StepRow {
  step: string
  document_id: string
  kind: string
  amount: string | null
  tax: string | null
  currency: string | null
  posted_at: string | null
}

const readStepsText = `
  select step, document_id, kind, trim_scale(amount)::text as amount, trim_scale(tax)::text as tax, currency, posted_at::text
  from delivery_steps where target_id = $1 and event_id = $2 order by recorded_at`

/** $2 to $4: the shard, its fence and its owner; a worker whose shard has moved on writes nothing. */
const recordStepText = `
  insert into delivery_steps (target_id, event_id, step, document_id, kind, amount, tax, currency, posted_at)
  select target_id, $5, $6, $7, $8, $9, $10, $11, $12 from delivery_shards
  where target_id = $1 and shard = $2 and fence = $3 and owner = $4
  on conflict (target_id, event_id, step) do update set document_id = excluded.document_id, kind = excluded.kind,
    amount = excluded.amount, tax = excluded.tax, currency = excluded.currency, posted_at = excluded.posted_at
  returning step`

/** The steps of an event at a target, in the order in which they were recorded. */
export async function readSteps(pool: Pool, targetId: number, eventId: string): Promise<Map<string, TargetDocument>> {
  const values = [targetId, eventId]
  const { rows } = await pool.query<StepRow>({ name: 'delivery-read-steps', text: readStepsText, values })
  return new Map(rows.map((row) => [row.step, toDocument(row)]))
}

/** Writes one step in a commit of its own; false when the shard has another holder. */
export async function recordStep(pool: Pool, record: StepRecord): Promise<boolean> {
  const { targetId, workerId, lease, eventId, step, document } = record
  const { documentId, kind, amount, tax, currency, postedAt } = document
  const values = [
    targetId,
    lease.shard,
    lease.fence,
    workerId,
    eventId,
    step,
    documentId,
    kind,
    amount ?? null,
    tax ?? null,
    currency ?? null,
    postedAt ?? null,
  ]
  const { rowCount } = await pool.query({ name: 'delivery-record-step', text: recordStepText, values })
  return rowCount === 1
}

function toDocument({ document_id, kind, amount, tax, currency, posted_at }: StepRow): TargetDocument {
  return {
    documentId: document_id,
    kind,
    ...(amount !== null && { amount }),
    ...(tax !== null && { tax }),
    ...(currency !== null && { currency }),
    ...(posted_at !== null && { postedAt: posted_at }),
  }
}
