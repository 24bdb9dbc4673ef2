import type { Pool } from 'pg'
import type { JournalEvent } from '../journal/event.ts'
import { findEventIds, readEvents, readShardEvents } from '../journal/queries.ts'
import { shardsCount } from '../journal/shard.ts'
import { createCommitter } from './commit-together.ts'
import type { OriginalState } from './dependencies.ts'
import { endDrain } from './drain.ts'
import { createPostgresGuardStore } from './guards/postgres-guards.ts'
import * as sql from './queries.ts'
import { createGatesReader } from './read-gates.ts'
import { feedReplay } from './replay/feed.ts'
import { type MarkRow, readMarks } from './replay/marks.ts'
import { readSteps, recordStep } from './step-queries.ts'
import type { ClaimRequest, DeliveryStore, Entry, ShardLease } from './store.ts'
import type { EntryState } from './transition.ts'

interface LeaseRow {
  shard: number
  fence: string
  xid: string
  position: string
}

interface EntryRow extends MarkRow {
  event_id: string
  state: EntryState
  attempts: number
  deadline_passed: boolean
}

/** The store of a real hub. Its clock is PostgreSQL's: workers on machines whose clocks differ agree on every lease. */
export function createPostgresDeliveryStore(pool: Pool): DeliveryStore {
  const readGates = createGatesReader(pool)
  return {
    guards: createPostgresGuardStore(pool, readGates),
    announce: async (workerId) => {
      await pool.query(sql.touchWorkerText, [workerId])
    },
    readPause: async (targetId) => (await readGates(targetId)).pause,
    pauseGone: async (targetId, { reason, resumesCount }) => {
      await pool.query(sql.pauseText, [targetId, 'gone', reason, resumesCount])
    },
    claimShards: (request) => claimShards(pool, request),
    releaseShards: async (targetId, workerId) => {
      await pool.query(sql.releaseShardsText, [targetId, workerId])
      await pool.query(sql.forgetWorkerText, [workerId])
    },
    readNew: (leases, limit, untilXid) =>
      readShardEvents(
        pool,
        leases.map((lease) => ({ shard: lease.shard, ...lease.cursor })),
        limit,
        untilXid,
      ),
    readHeld: async (targetId, leases, strictOrder) => {
      const { rows } = await pool.query<{ ordering_key: string | null; waiting: boolean }>({
        name: strictOrder ? 'delivery-read-held-strictly' : 'delivery-read-held',
        text: strictOrder ? sql.readHeldStrictlyText : sql.readHeldText,
        values: [targetId, shardsOf(leases)],
      })
      const orderingKeys = new Set(rows.flatMap((row) => (row.ordering_key === null ? [] : [row.ordering_key])))
      return { orderingKeys, dependentsWait: rows.some((row) => row.waiting) }
    },
    readDue: async (targetId, leases, { lanesMax, perLane, ignoreSchedule, strictOrder }) => {
      const fences = leases.map((lease) => lease.fence)
      const { rows } = await pool.query<EntryRow>({
        name: strictOrder ? 'delivery-read-due-strictly' : 'delivery-read-due',
        text: strictOrder ? sql.readDueStrictlyText : sql.readDueText,
        values: [targetId, shardsOf(leases), fences, lanesMax, perLane, ignoreSchedule],
      })
      return withEvents(pool, targetId, rows)
    },
    readReleased: async (targetId, leases, limit) => {
      const { rows } = await pool.query<EntryRow>({
        name: 'delivery-read-released',
        text: sql.readReleasedText,
        values: [targetId, shardsOf(leases), limit],
      })
      return withEvents(pool, targetId, rows)
    },
    hastenRetries: async (targetId, leases) => {
      await pool.query(sql.hastenRetriesText, [targetId, shardsOf(leases)])
    },
    readSteps: (targetId, eventId) => readSteps(pool, targetId, eventId),
    recordStep: (record) => recordStep(pool, record),
    originalStates: (targetId, eventIds) => originalStates(pool, targetId, eventIds),
    commit: createCommitter(pool),
    endDrain: (targetId, untilXid, strictOrder) => endDrain(pool, targetId, untilXid, strictOrder),
    feedReplay: (request) => feedReplay(pool, request),
  }
}

function shardsOf(leases: readonly ShardLease[]): number[] {
  return leases.map((lease) => lease.shard)
}

async function claimShards(
  pool: Pool,
  { targetId, workerId, leaseMs, renewOnly, only, busy, workersMax = shardsCount }: ClaimRequest,
): Promise<ShardLease[]> {
  const renewed = await pool.query<LeaseRow>(sql.renewShardsText, [targetId, workerId, leaseMs])
  await pool.query(sql.touchWorkerText, [workerId])
  const held = renewed.rows.map(toLease)
  if (renewOnly) return held
  await pool.query(sql.forgetWorkersText)
  // A shard that is kept only for an attempt on the line costs none of those that a bus gave.
  const besides = only ? held.filter(({ shard }) => busy.has(shard) && !only.has(shard)).length : 0
  const share = workersMax === 0 ? 0 : only ? only.size + besides : await fairShare(pool, leaseMs, workersMax)
  const free = held.filter(({ shard }) => !busy.has(shard) && (!only || only.has(shard)))
  const kept = held.filter(({ shard }) => busy.has(shard))
  kept.push(...free.slice(0, Math.max(0, share - kept.length)))
  if (kept.length < held.length) {
    const surplus = held.filter((lease) => !kept.includes(lease))
    await pool.query(sql.giveBackShardsText, [targetId, workerId, shardsOf(surplus)])
  }
  if (kept.length < share) {
    const values = [targetId, workerId, leaseMs, share - kept.length, only ? [...only] : null]
    const taken = await pool.query<LeaseRow>(sql.takeShardsText, values)
    kept.push(...taken.rows.map(toLease))
  }
  return kept
}

async function fairShare(pool: Pool, leaseMs: number, workersMax: number): Promise<number> {
  const { rows } = await pool.query<{ workers: number }>(sql.countWorkersText, [leaseMs])
  return Math.ceil(shardsCount / Math.min(Math.max(1, rows[0]?.workers ?? 1), workersMax))
}

function toLease(row: LeaseRow): ShardLease {
  return { shard: row.shard, fence: row.fence, cursor: { xid: row.xid, position: row.position } }
}

async function withEvents(pool: Pool, targetId: number, rows: readonly EntryRow[]): Promise<Entry[]> {
  const marks = await readMarks(pool, targetId, rows)
  const events = new Map<string, JournalEvent>()
  for (const event of await readEvents(
    pool,
    rows.map((row) => row.event_id),
  ))
    events.set(event.eventId, event)
  return rows.flatMap((row) => {
    const event = events.get(row.event_id)
    if (!event) return []
    const { state, attempts, deadline_passed: deadlinePassed } = row
    const replay = marks.get(row.event_id)
    return [{ event, state, attempts, deadlinePassed, ...(replay && { replay }) }]
  })
}

async function originalStates(
  pool: Pool,
  targetId: number,
  eventIds: readonly string[],
): Promise<Map<string, OriginalState>> {
  const [known, { rows }] = await Promise.all([
    findEventIds(pool, eventIds),
    pool.query<{ event_id: string; state: OriginalState }>(sql.targetStatesText, [targetId, eventIds]),
  ])
  const states = new Map<string, OriginalState>(eventIds.map((id) => [id, known.has(id) ? 'open' : 'absent']))
  for (const row of rows) states.set(row.event_id, row.state)
  return states
}
