import type { ClientBase, Pool } from 'pg'
import { withTransaction } from '../../database/pool.ts'
import { oldestEventAfter, type ShardCursor } from '../../journal/queries.ts'
import type { FedReplay, FeedRequest } from '../store.ts'
import { type ItemJudgement, judgeItem, type PresentState } from './judge-item.ts'
import { itemsAllowed, itemsPerLaneMax } from './pace.ts'
import { pickItemsStrictlyText, pickItemsText } from './pick-queries.ts'
import * as sql from './queries.ts'
import type { LeftBecause, ReplayMode, ReplayState } from './replay.ts'

interface LockedReplay {
  replay_id: string
  mode: ReplayMode
  state: ReplayState
  rate_per_second: number
  rested_ms: number | null
  now: Date
}

interface PickedRow {
  event_id: string
  shard: number
  state_before: string
  settled_before: string | null
}

interface PresentRow {
  event_id: string
  state: PresentState | null
  settled_at: string | null
}

/**
 * Writes down what has come to its end of the target's replay, lets the next items go into their lanes, as many as its rate, what is
 * under way and live events allow, and ends it when nothing is left. The caller holds the leases and is between two cycles, so that of
 * these shards nothing is on the line but what has an entry. One commit: a worker that dies here has let nothing go, or all of it.
 */
export async function feedReplay(pool: Pool, request: FeedRequest): Promise<FedReplay> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<LockedReplay>(sql.lockReplayText, [request.targetId])
    const [replay] = rows
    if (!replay) return { released: 0, settled: new Map() }
    const settled = await settle(client, request.targetId, replay.replay_id)
    const released = request.letsGo && replay.state === 'running' ? await letGo(client, request, replay) : 0
    if (released === 0) await client.query(sql.endReplayText, [replay.replay_id])
    return { released, settled }
  })
}

async function settle(client: ClientBase, targetId: number, replayId: string): Promise<Map<string, number>> {
  const { rows } = await client.query<{ outcome: string }>(sql.settleItemsText, [replayId, targetId])
  const settled = new Map<string, number>()
  for (const { outcome } of rows) settled.set(outcome, (settled.get(outcome) ?? 0) + 1)
  return settled
}

async function letGo(client: ClientBase, request: FeedRequest, replay: LockedReplay): Promise<number> {
  const { targetId } = request
  const { rows } = await client.query<{ open: number }>(sql.countOpenText, [replay.replay_id])
  // Of all shards: what this worker lets go takes the target's time from the live events of every other.
  const cursors = await client.query<ShardCursor>(sql.readCursorsText, [targetId])
  const oldest = await oldestEventAfter(client, cursors.rows)
  const allowed = itemsAllowed({
    ratePerSecond: replay.rate_per_second,
    restedMs: replay.rested_ms ?? undefined,
    open: rows[0]?.open ?? 0,
    liveLagMs: oldest ? replay.now.getTime() - oldest.getTime() : 0,
  })
  if (allowed === 0) return 0
  const picked = await pick(client, request, replay, allowed)
  if (picked.length === 0) return 0
  const judged = await judgePicked(client, request, replay.mode, picked)
  await leave(client, replay.replay_id, judged)
  const released = await release(client, targetId, replay.replay_id, judged)
  await client.query(sql.noteFedText, [replay.replay_id])
  return released
}

type Picked = PickedRow & { fence: string }

/** The next items whose shards are still this worker's. */
async function pick(
  client: ClientBase,
  { targetId, workerId, leases, strictOrder }: FeedRequest,
  { replay_id }: LockedReplay,
  itemsMax: number,
): Promise<Picked[]> {
  const shards = leases.map((lease) => lease.shard)
  const { rows } = await client.query<PickedRow>(strictOrder ? pickItemsStrictlyText : pickItemsText, [
    replay_id,
    targetId,
    shards,
    itemsPerLaneMax,
    itemsMax,
  ])
  if (rows.length === 0) return []
  const wanted = new Set(rows.map((row) => row.shard))
  const held = leases.filter((lease) => wanted.has(lease.shard))
  const locked = await client.query<{ shard: number; fence: string }>(sql.lockShardsText, [
    targetId,
    held.map((lease) => lease.shard),
    held.map((lease) => lease.fence),
    workerId,
  ])
  const fenceOf = new Map(locked.rows.map(({ shard, fence }) => [shard, fence]))
  return rows.flatMap((row) => {
    const fence = fenceOf.get(row.shard)
    return fence === undefined ? [] : [{ ...row, fence }]
  })
}

type Judged = Picked & { judgement: ItemJudgement }

/** What becomes of each: something else may have happened to it since it was previewed. */
async function judgePicked(
  client: ClientBase,
  { targetId, features }: FeedRequest,
  mode: ReplayMode,
  picked: readonly Picked[],
): Promise<Judged[]> {
  const eventIds = picked.map((item) => item.event_id)
  await client.query(sql.lockEntriesText, [targetId, eventIds])
  const { rows } = await client.query<PresentRow>(sql.presentStatesText, [targetId, eventIds])
  const present = new Map(rows.map((row) => [row.event_id, row]))
  return picked.map((item) => {
    const now = present.get(item.event_id)
    const state = now?.state ?? 'unaccounted'
    const judgement = judgeItem(mode, features, state)
    const isAsBefore = state === item.state_before && (now?.settled_at ?? null) === item.settled_before
    if (judgement.kind === 'left' || isAsBefore) return { ...item, judgement }
    return { ...item, judgement: { kind: 'left', because: 'changed' } }
  })
}

async function leave(client: ClientBase, replayId: string, judged: readonly Judged[]): Promise<void> {
  const left = judged.flatMap(({ event_id, judgement }): [string, LeftBecause][] =>
    judgement.kind === 'left' ? [[event_id, judgement.because]] : [],
  )
  if (left.length === 0) return
  await client.query(sql.leaveItemsText, [replayId, left.map(([id]) => id), left.map(([, because]) => because)])
}

async function release(
  client: ClientBase,
  targetId: number,
  replayId: string,
  judged: readonly Judged[],
): Promise<number> {
  const going = judged.flatMap(({ event_id, fence, judgement }) =>
    judgement.kind === 'release' ? [{ event_id, fence, ...judgement }] : [],
  )
  if (going.length === 0) return 0
  await client.query(sql.unpackResultsText, [targetId, going.map((item) => item.event_id)])
  const again = going.filter((item) => item.again).map((item) => item.event_id)
  if (again.length > 0) await client.query(sql.raiseGenerationsText, [targetId, again])
  await client.query(sql.releaseItemsText, [
    replayId,
    targetId,
    going.map((item) => item.event_id),
    going.map((item) => item.lookFirst),
    going.map((item) => item.fence),
  ])
  return going.length
}
