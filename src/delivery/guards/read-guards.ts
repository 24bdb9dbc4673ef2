import type { Pool } from 'pg'
import { readGuardStatesText } from './queries.ts'

/** How a target is guarded at the moment, for people. */
export interface GuardState {
  /** `open`: the target seems down; `half-open`: a probe is on its way. */
  breaker: 'closed' | 'open' | 'half-open'
  openedAt?: Date
  /** The earliest time of the next probe. */
  probeAt?: Date
  /** The target has asked for rest until then. */
  heldUntil?: Date
  heldReason?: string
}

interface GuardColumns {
  target_id: number
  held_until: Date | null
  held_reason: string | null
  opened_at: Date | null
  probe_at: Date | null
  is_probing: boolean
}

export async function readGuardStates(pool: Pool): Promise<Map<number, GuardState>> {
  const { rows } = await pool.query<GuardColumns>(readGuardStatesText)
  return new Map(rows.map((row) => [row.target_id, toState(row)]))
}

function toState(row: GuardColumns): GuardState {
  const held = row.held_until && { heldUntil: row.held_until, heldReason: row.held_reason ?? '' }
  if (!row.opened_at) return { breaker: 'closed', ...held }
  return {
    breaker: row.is_probing ? 'half-open' : 'open',
    openedAt: row.opened_at,
    ...(row.probe_at && { probeAt: row.probe_at }),
    ...held,
  }
}
