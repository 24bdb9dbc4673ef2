import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import { readSubjects } from '../../journal/queries.ts'
import type { TargetPause } from '../targets.ts'
import * as sql from './queries.ts'
import {
  type LeftBecause,
  planExpiresMs,
  type Replay,
  type ReplayableState,
  type ReplayCounts,
  type ReplayMode,
  type ReplayProgress,
  type ReplayState,
} from './replay.ts'

interface ReplayRow {
  replay_id: string
  target: string
  pause_code: TargetPause['code'] | null
  pause_reason: string | null
  paused_at: Date | null
  mode: ReplayMode
  state: ReplayState
  filter: Record<string, unknown>
  reason: string
  planned_by: string
  rate_per_second: number
  counts: ReplayCounts
  planned_at: Date
  started_at: Date | null
  ended_at: Date | null
}

function toReplay(row: ReplayRow): Replay {
  return {
    replayId: row.replay_id,
    target: row.target,
    mode: row.mode,
    state: row.state,
    filter: row.filter,
    reason: row.reason,
    plannedBy: row.planned_by,
    ratePerSecond: row.rate_per_second,
    counts: row.counts,
    plannedAt: row.planned_at,
    ...(row.state === 'planned' && { expiresAt: new Date(row.planned_at.getTime() + planExpiresMs) }),
    ...(row.pause_code !== null &&
      row.pause_reason !== null &&
      row.paused_at !== null && {
        targetPause: { code: row.pause_code, reason: row.pause_reason, since: row.paused_at },
      }),
    ...(row.started_at && { startedAt: row.started_at }),
    ...(row.ended_at && { endedAt: row.ended_at }),
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Throws `Problem` `unknown-replay`. */
export async function readReplay(pool: Pool, replayId: string): Promise<Replay> {
  const { rows } = uuid.test(replayId)
    ? await pool.query<ReplayRow>(sql.readReplayText, [replayId])
    : { rows: [] as ReplayRow[] }
  const [row] = rows
  if (!row) throw new Problem('unknown-replay')
  return toReplay(row)
}

/** The newest first; `stores` undefined: whatever they are of, else those of one of these stores. */
export async function readReplays(
  pool: Pool,
  { target, limit = 20, stores }: { target?: string; limit?: number; stores?: readonly string[] | undefined } = {},
): Promise<Replay[]> {
  const { rows } = await pool.query<ReplayRow>(sql.readReplaysText, [target ?? null, limit, stores ?? null])
  return rows.map(toReplay)
}

/** How far a replay is, counted now. */
export async function readReplayProgress(pool: Pool, replayId: string): Promise<ReplayProgress> {
  const { rows } = await pool.query<{ state: string; how: string | null; n: number }>(sql.countItemsText, [replayId])
  const progress: ReplayProgress = { planned: 0, open: 0, left: {}, outcomes: {} }
  for (const { state, how, n } of rows) {
    if (state === 'planned') progress.planned += n
    else if (state === 'released') progress.open += n
    else if (state === 'left') progress.left[how as LeftBecause] = n
    else progress.outcomes[how ?? ''] = n
  }
  return progress
}

/** What the replay of a target has before it, running or paused; none is zeros. */
export interface ReplayUnderWay {
  target: string
  planned: number
  open: number
}

export async function countReplaysUnderWay(pool: Pool): Promise<ReplayUnderWay[]> {
  const { rows } = await pool.query<ReplayUnderWay>(sql.countUnderWayText)
  return rows
}

/** One event of a replay. */
export interface ReplayItem {
  eventId: string
  /** As `tillflow show` takes it. */
  receipt: string
  state: 'planned' | 'released' | 'left' | 'done'
  stateBefore: ReplayableState
  reasonBefore?: string
  leftBecause?: LeftBecause
  outcome?: string
  /** Part of its idempotency key; 0: the first one. */
  generation: number
  releasedAt?: Date
  /** What the hub had of it until then. */
  before?: Record<string, unknown>
}

interface ItemRow {
  event_id: string
  state: ReplayItem['state']
  state_before: ReplayableState
  reason_before: string | null
  left_because: LeftBecause | null
  outcome: string | null
  generation: number
  released_at: Date | null
  before: Record<string, unknown> | null
}

export interface ItemPage {
  limit: number
  /** Begins behind this event. */
  after?: string
  /** Instead of the first ones, some from all over the set. */
  spread?: boolean
}

/** A page of a replay's events in journal order. */
export async function readReplayItems(
  pool: Pool,
  replayId: string,
  { limit, after, spread }: ItemPage,
): Promise<ReplayItem[]> {
  const { rows } = spread
    ? await pool.query<ItemRow>(sql.sampleItemsText, [replayId, limit])
    : await pool.query<ItemRow>(sql.readItemsText, [replayId, after ?? null, limit])
  const subjects = await readSubjects(
    pool,
    rows.map((row) => row.event_id),
  )
  return rows.map((row) => ({
    eventId: row.event_id,
    receipt: subjects.get(row.event_id) ?? '',
    state: row.state,
    stateBefore: row.state_before,
    ...(row.reason_before !== null && { reasonBefore: row.reason_before }),
    ...(row.left_because !== null && { leftBecause: row.left_because }),
    ...(row.outcome !== null && { outcome: row.outcome }),
    generation: row.generation,
    ...(row.released_at && { releasedAt: row.released_at }),
    ...(row.before && { before: row.before }),
  }))
}
