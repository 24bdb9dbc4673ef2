import type { Pool } from 'pg'
import { systemClock } from '../contract/clock.ts'
import { GroupedCalls } from '../database/grouped-calls.ts'
import type { GuardView } from './guards/guard-store.ts'
import { readGatesText } from './queries.ts'
import type { TargetGate } from './store.ts'

/** What a worker must know of its target before a cycle. */
export interface Gates {
  pause: TargetGate
  guard: GuardView
}

interface GatesRow {
  target_id: number
  is_paused: boolean
  resumes_count: number
  drain_until: string | null
  is_replaying: boolean
  has_entries: boolean
  held_ms: number
  is_open: boolean
  is_failing: boolean
  probe_in_ms: number
}

/** A target that is not there any more is sent nothing. */
const gatesOfNoTarget: Gates = {
  pause: { isPaused: true, resumesCount: 0 },
  guard: { heldMs: 0, isOpen: false, probeInMs: 0, isFailing: false },
}

/** Reads them for all workers of a process that ask meanwhile in one statement, which begins after they asked. */
export function createGatesReader(pool: Pool): (targetId: number) => Promise<Gates> {
  const calls = new GroupedCalls<number, Gates>(
    async (targetIds) => {
      const { rows } = await pool.query<GatesRow>({
        name: 'delivery-read-gates',
        text: readGatesText,
        values: [[...new Set(targetIds)]],
      })
      const gates = new Map(rows.map((row) => [row.target_id, toGates(row)]))
      return targetIds.map((targetId) => gates.get(targetId) ?? gatesOfNoTarget)
    },
    { groupSizeMax: 1_000, groupsInFlightMax: 1, queueMax: Number.POSITIVE_INFINITY, clock: systemClock },
  )
  return (targetId) => calls.add(targetId, String(targetId))
}

function toGates(row: GatesRow): Gates {
  return {
    pause: {
      ...{ isPaused: row.is_paused, resumesCount: row.resumes_count },
      ...{ isReplaying: row.is_replaying, hasEntries: row.has_entries },
      ...(row.drain_until !== null && { drainUntilXid: row.drain_until }),
    },
    guard: { heldMs: row.held_ms, isOpen: row.is_open, probeInMs: row.probe_in_ms, isFailing: row.is_failing },
  }
}
