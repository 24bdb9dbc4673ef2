import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { recordAct } from '../../audit/acts.ts'
import type { ConnectorFeatures } from '../../contract/connector.ts'
import { Problem } from '../../contract/problem.ts'
import { withTransaction } from '../../database/pool.ts'
import type { JournalPosition } from '../../journal/event.ts'
import { type EventPlace, findReceipts, findReceiptsAmong, readSettledXid } from '../../journal/find.ts'
import type { ShardCursor } from '../../journal/queries.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { parkedPageText } from '../queries.ts'
import { judgeItem, type PresentState } from './judge-item.ts'
import * as sql from './queries.ts'
import { readReplay } from './read.ts'
import {
  type Replay,
  type ReplayableState,
  type ReplayCounts,
  type ReplayFilter,
  type ReplayMode,
  replayItemsMax,
  replayRateDefault,
} from './replay.ts'

/** The target as far as a plan must know it. */
export interface PlannedTarget {
  targetId: number
  name: string
  features: ConnectorFeatures
}

export interface ReplayRequest {
  mode: ReplayMode
  filter: ReplayFilter
  /** Why, in the person's words. */
  reason: string
  /** Who. */
  actor: string
  ratePerSecond?: number
}

/** Events that one statement looks at; a statement is a second at most, and no transaction is open between two of them. */
const stretchEvents = 20_000
const parkedPage = 5_000

/**
 * Finds what matches now and keeps it as a plan: exactly these events are replayed when it is run, whatever comes later. Nothing is
 * changed at the target. Throws `Problem` `replay-impossible` (mode `again` at a target where it has no effect), `replay-too-large`.
 */
export async function planReplay(pool: Pool, target: PlannedTarget, request: ReplayRequest): Promise<Replay> {
  const { mode, filter, reason, actor, ratePerSecond = replayRateDefault } = request
  if (mode === 'again' && !target.features.repeatable) throw new Problem('replay-impossible')
  const replayId = randomUUID()
  const told = JSON.stringify(filter)
  await pool.query(sql.insertReplayText, [replayId, target.targetId, mode, told, reason, actor, ratePerSecond])
  try {
    const counts = await collectItems(pool, target, replayId, mode, filter)
    const { rows } = await pool.query<{ follow: number }>(sql.countFollowersText, [replayId, target.targetId])
    const all: ReplayCounts = { ...counts, follow: rows[0]?.follow ?? 0 }
    await withTransaction(pool, async (client) => {
      await client.query(sql.endPlanText, [replayId, JSON.stringify(all)])
      const details = { target: target.name, mode, filter, ...all }
      await recordAct(client, { actor, act: 'replay.plan', object: `replay:${replayId}`, reason, details })
    })
  } catch (error) {
    await pool.query(sql.forgetPlanText, [replayId]).catch(() => {})
    throw error
  }
  return readReplay(pool, replayId)
}

async function collectItems(
  pool: Pool,
  target: PlannedTarget,
  replayId: string,
  mode: ReplayMode,
  filter: ReplayFilter,
): Promise<Omit<ReplayCounts, 'follow'>> {
  const counts: Omit<ReplayCounts, 'follow'> = { matched: 0, items: {}, left: {} }
  let size = 0
  for await (const places of candidates(pool, target.targetId, filter)) {
    const found = await presentItems(pool, target, filter, places)
    const items: PresentItem[] = []
    for (const item of found) {
      counts.matched += 1
      const judgement = judgeItem(mode, target.features, item.state)
      if (judgement.kind === 'left') {
        counts.left[judgement.because] = (counts.left[judgement.because] ?? 0) + 1
      } else {
        const state = item.state as ReplayableState
        counts.items[state] = (counts.items[state] ?? 0) + 1
        items.push(item)
      }
    }
    size += items.length
    if (size > replayItemsMax) throw new Problem('replay-too-large')
    if (items.length > 0) await pool.query(sql.insertItemsText, itemColumns(replayId, items))
  }
  return counts
}

/** Receipts that match what the journal knows of them: all of it page by page, or only those that are parked where only they are asked for. */
async function* candidates(pool: Pool, targetId: number, filter: ReplayFilter): AsyncIterable<EventPlace[]> {
  const onlyParked =
    filter.error !== undefined || filter.states?.every((state) => state === 'parked' || state === 'needs-check')
  if (onlyParked) {
    for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
      const { rows } = await pool.query<{ event_id: string }>(parkedPageText, [targetId, after, parkedPage])
      const eventIds = rows.map((row) => row.event_id)
      yield await findReceiptsAmong(pool, filter, eventIds)
      const last = eventIds.at(-1)
      if (last === undefined || rows.length < parkedPage) return
      after = last
    }
  }
  const untilXid = await readSettledXid(pool)
  let after: JournalPosition | undefined = { xid: '0', position: '0' }
  while (after) {
    const { found, end } = await findReceipts(pool, filter, { after, untilXid, eventsMax: stretchEvents })
    yield found
    after = end
  }
}

interface PresentItem extends EventPlace {
  state: PresentState
  reason: string | null
  settledAt: string | null
}

interface PresentRow {
  event_id: string
  state: PresentState | null
  reason: string | null
  reason_code: string | null
  settled_at: string | null
}

/** What these receipts are at the target now, without those whose state or reason is not asked for. */
async function presentItems(
  pool: Pool,
  { targetId, name }: PlannedTarget,
  { states, error }: ReplayFilter,
  places: readonly EventPlace[],
): Promise<PresentItem[]> {
  if (places.length === 0) return []
  // Cursors first: an event that is passed between the two questions is told as pending, and left to delivery.
  const { rows: cursors } = await pool.query<ShardCursor>(sql.readCursorsText, [targetId])
  const cursorOf = new Map(cursors.map((cursor) => [cursor.shard, cursor]))
  const eventIds = places.map((place) => place.eventId)
  const { rows } = await pool.query<PresentRow>(sql.presentStatesText, [targetId, eventIds])
  const present = new Map(rows.map((row) => [row.event_id, row]))
  return places.flatMap((place): PresentItem[] => {
    const row = present.get(place.eventId)
    const state = row?.state ?? (isBehind(place, cursorOf.get(place.shard)) ? 'pending' : 'unaccounted')
    if (states && !states.some((one) => one === state)) return []
    const reason = row?.reason ?? null
    if (error !== undefined && !hasError(name, error, state, row)) return []
    return [{ ...place, state, reason, settledAt: row?.settled_at ?? null }]
  })
}

function hasError(target: string, error: string, state: PresentState, row: PresentRow | undefined): boolean {
  if (state !== 'parked' && state !== 'needs-check') return false
  const reasonCode = row?.reason_code ?? state
  const reason = row?.reason ?? ''
  return (
    reasonCode === error ||
    reason.toLowerCase().includes(error.toLowerCase()) ||
    fingerprintOf({ target, reasonCode, reason }) === error
  )
}

/** Whether an event lies after a cursor; without a cursor nothing was passed. */
function isBehind(place: JournalPosition, cursor: JournalPosition | undefined): boolean {
  if (!cursor) return true
  const [xid, cursorXid] = [BigInt(place.xid), BigInt(cursor.xid)]
  return xid === cursorXid ? BigInt(place.position) > BigInt(cursor.position) : xid > cursorXid
}

function itemColumns(replayId: string, items: readonly PresentItem[]): unknown[] {
  return [
    replayId,
    items.map((item) => item.eventId),
    items.map((item) => item.shard),
    items.map((item) => item.xid),
    items.map((item) => item.position),
    items.map((item) => item.orderingKey),
    items.map((item) => (item.dependsOn.length > 0 ? item.dependsOn.join(',') : null)),
    items.map((item) => item.state),
    items.map((item) => item.reason),
    items.map((item) => item.settledAt),
  ]
}
