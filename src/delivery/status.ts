import type { Pool } from 'pg'
import { deliveredTypes } from '../journal/event-traits.ts'
import { countEventsAfter, oldestEventAfter, type ShardCursor } from '../journal/queries.ts'
import { type GuardState, readGuardStates } from './guards/read-guards.ts'
import { readTargets, type TargetDrain, type TargetPause, type TargetState } from './targets.ts'

/** Where every acknowledged receipt stands at one target: acknowledged = the sum of the rest. */
export interface TargetStatus {
  name: string
  connector: string
  state: TargetState
  /** Why nothing is sent, when paused. */
  pause?: TargetPause
  /** Why it only gets what was recorded before, when draining. */
  drain?: TargetDrain
  delivered: number
  skipped: number
  parked: number
  /** Dependents whose original is not there yet. */
  waiting: number
  /** Not reached yet, being sent, or to be sent again. */
  pending: number
  /** Among the parked: a person must look whether the target has it. */
  needsCheck: number
  /** Whether it seems down, or has asked for rest. */
  guard: GuardState
  /** When the oldest pending event was recorded. */
  oldestPendingAt?: Date
}

export async function readTargetStatus(pool: Pool): Promise<TargetStatus[]> {
  const [targets, guards] = await Promise.all([readTargets(pool), readGuardStates(pool)])
  return Promise.all(
    targets.map(async ({ targetId, name, connector, state, pause, drain }) => {
      const cursors = await readCursors(pool, targetId)
      const [results, entries, ahead, oldestAhead] = await Promise.all([
        countBy(
          pool,
          `select name, sum(n) as n from (
             select result as name, count(*) as n from delivery_results where target_id = $1 group by 1
             union all select 'delivered', sum(events_count) from delivery_result_batches where target_id = $1) of group by 1`,
          targetId,
        ),
        countBy(
          pool,
          'select state as name, count(*) as n from delivery_entries where target_id = $1 group by 1',
          targetId,
        ),
        countEventsAfter(pool, cursors, deliveredTypes),
        oldestEventAfter(pool, cursors),
      ])
      const needsCheck = entries.get('needs-check') ?? 0
      const onTheirWay = ['sending', 'retry', 'unknown', 'queued'].reduce(
        (sum, name) => sum + (entries.get(name) ?? 0),
        0,
      )
      return {
        name,
        connector,
        state,
        ...(pause && { pause }),
        ...(drain && { drain }),
        delivered: results.get('delivered') ?? 0,
        skipped: results.get('skipped') ?? 0,
        parked: (entries.get('parked') ?? 0) + needsCheck,
        waiting: entries.get('waiting') ?? 0,
        pending: ahead + onTheirWay,
        needsCheck,
        guard: guards.get(targetId) ?? { breaker: 'closed' },
        ...(oldestAhead && { oldestPendingAt: oldestAhead }),
      }
    }),
  )
}

async function readCursors(pool: Pool, targetId: number): Promise<ShardCursor[]> {
  const { rows } = await pool.query<ShardCursor>(
    'select shard, cursor_xid as xid, cursor_position as position from delivery_shards where target_id = $1',
    [targetId],
  )
  return rows
}

async function countBy(pool: Pool, text: string, targetId: number): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ name: string; n: string }>(text, [targetId])
  return new Map(rows.map((row) => [row.name, Number(row.n)]))
}
