import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import type { SubjectKind } from '../personal-data.ts'
import { type ErasureRow, type ErasureState, readErasureRow, readErasureRows } from './queries.ts'

/** What stays although somebody was erased, and why. */
export interface KeptData {
  /** How many records. @asType integer @minimum 0 */
  records: number
  what: string
  /** Stable word for the reason. */
  reason: 'fiscal-retention'
}

/** An erasure, for whoever asked for it: who it was does not stand in it. */
export interface ErasureReport {
  erasureId: string
  kind: SubjectKind
  /** The name under which receipts, buses and targets know what was the person's. */
  reference: string
  /** `running`: it is being rewritten. `settling`: nothing is in clear any more; targets are told after a last look. */
  state: ErasureState
  reason: string
  requestedAt: Date
  rewrittenAt?: Date
  finishedAt?: Date
  /** By what was done: receipts, events, rawErased, rawOfOthersErased, ... */
  counts: { [what: string]: number }
  kept: KeptData[]
}

export function toReport(row: ErasureRow): ErasureReport {
  const { receipts = 0 } = row.counts
  return {
    erasureId: row.erasure_id,
    kind: row.kind,
    reference: row.reference,
    state: row.state,
    reason: row.reason,
    requestedAt: row.requested_at,
    ...(row.rewritten_at && { rewrittenAt: row.rewritten_at }),
    ...(row.finished_at && { finishedAt: row.finished_at }),
    counts: row.counts,
    kept: receipts === 0 ? [] : [keptOf(receipts)],
  }
}

export function keptOf(records: number): KeptData {
  return {
    records,
    what: 'numbers, times, goods, amounts, taxes and means of payment of the receipts, under a reference instead of the person',
    reason: 'fiscal-retention',
  }
}

/** Throws Problem `unknown-erasure`. */
export async function readErasure(pool: Pool, erasureId: string): Promise<ErasureReport> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(erasureId)
  const row = isId ? await readErasureRow(pool, erasureId) : undefined
  if (!row) throw new Problem('unknown-erasure')
  return toReport(row)
}

/** The newest first. */
export async function readErasures(pool: Pool, limit = 100): Promise<ErasureReport[]> {
  return (await readErasureRows(pool, limit)).map(toReport)
}
