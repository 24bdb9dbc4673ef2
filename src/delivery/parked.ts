import type { ClientBase, Pool } from 'pg'
import { readSubjects } from '../journal/queries.ts'

/** An event that a target refuses, waits for another, or whose effect nobody knows. */
export interface ParkedEvent {
  target: string
  eventId: string
  /** The transaction key, as `tillflow show` takes it. */
  receipt: string
  orderingKey: string
  state: 'parked' | 'needs-check' | 'waiting'
  reasonCode?: string
  reason?: string
  waitsFor?: string
  attempts: number
  since: Date
}

/** The oldest first; `stores` undefined: of every store. */
export async function readParked(
  pool: Pool,
  options: { target?: string; limit?: number; stores?: readonly string[] } = {},
): Promise<ParkedEvent[]> {
  const { rows } = await pool.query<{
    target: string
    event_id: string
    ordering_key: string
    state: ParkedEvent['state']
    reason_code: string | null
    reason: string | null
    waits_for: string | null
    attempts: number
    updated_at: Date
  }>(
    `select t.name as target, e.event_id, e.ordering_key, e.state, e.reason_code, e.reason, e.waits_for, e.attempts, e.updated_at
     from delivery_entries e join delivery_targets t using (target_id)
     where e.state in ('parked', 'needs-check', 'waiting') and ($1::text is null or t.name = $1)
       and ($3::text[] is null or split_part(e.ordering_key, '/', 1) = any($3))
     order by e.updated_at, e.event_id limit $2`,
    [options.target ?? null, options.limit ?? 1_000, options.stores ?? null],
  )
  const subjects = await readSubjects(
    pool,
    rows.map((row) => row.event_id),
  )
  return rows.map((row) => ({
    target: row.target,
    eventId: row.event_id,
    receipt: subjects.get(row.event_id) ?? '',
    orderingKey: row.ordering_key,
    state: row.state,
    ...(row.reason_code !== null && { reasonCode: row.reason_code }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.waits_for !== null && { waitsFor: row.waits_for }),
    attempts: row.attempts,
    since: row.updated_at,
  }))
}

/** Events of one target that are parked for one reason. */
export interface ParkedGroup {
  target: string
  reasonCode: string
  count: number
  oldestSince: Date
}

export async function readParkedGroups(pool: Pool): Promise<ParkedGroup[]> {
  const { rows } = await pool.query<{ target: string; reason_code: string; count: string; oldest_since: Date }>(
    `select t.name as target, coalesce(e.reason_code, e.state) as reason_code, count(*), min(e.updated_at) as oldest_since
     from delivery_entries e join delivery_targets t using (target_id)
     where e.state in ('parked', 'needs-check') group by 1, 2 order by 1, 2`,
  )
  return rows.map((row) => ({
    target: row.target,
    reasonCode: row.reason_code,
    count: Number(row.count),
    oldestSince: row.oldest_since,
  }))
}

export interface RetryRequest {
  target?: string
  /** Only these events; undefined: all parked ones. */
  eventIds?: readonly string[]
  /**
   * Events whose effect is unknown are sent again only when a person says so: at a target without idempotency the
   * receipt may be there twice afterwards.
   */
  includeNeedsCheck: boolean
}

/** Puts parked events back into their lanes, in journal order, with their attempts forgiven. Returns how many. */
export async function retryParked(db: Pool | ClientBase, request: RetryRequest): Promise<number> {
  const { rowCount } = await db.query(
    `update delivery_entries e set state = 'queued', attempts = 0, next_attempt_at = null, waits_for = null, deadline_at = null,
       reason_code = null, reason = null, updated_at = clock_timestamp()
     from delivery_targets t
     where t.target_id = e.target_id and ($1::text is null or t.name = $1)
       and ($2::uuid[] is null or e.event_id = any($2::uuid[]))
       and e.state = any($3::text[])`,
    [
      request.target ?? null,
      request.eventIds ?? null,
      request.includeNeedsCheck ? ['parked', 'needs-check'] : ['parked'],
    ],
  )
  return rowCount ?? 0
}
