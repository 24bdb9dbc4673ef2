import type { ClientBase, Pool } from 'pg'
import type { JournalEvent, JournalPosition, UnreadEvent } from './event.ts'
import { shardsCount } from './shard.ts'

type Queryable = Pool | ClientBase

interface EventRow {
  event_id: string
  xid: string
  position: string
  shard: number
  event_type: JournalEvent['eventType']
  subject: string
  ordering_key: string
  depends_on: string[] | null
  data: unknown
  traceparent: string | null
  recorded_at: Date
}

const columns =
  'event_id, xid, position, shard, event_type, subject, ordering_key, depends_on, data, traceparent, recorded_at'

function toEvent(row: EventRow): JournalEvent {
  return {
    eventId: row.event_id,
    xid: row.xid,
    position: row.position,
    shard: row.shard,
    eventType: row.event_type,
    subject: row.subject,
    orderingKey: row.ordering_key,
    dependsOn: row.depends_on ?? [],
    data: row.data,
    traceparent: row.traceparent ?? undefined,
    recordedAt: row.recorded_at,
  }
}

export interface ShardCursor extends JournalPosition {
  shard: number
}

/** Of one shard at least, where the others leave room: a statement for each few events would cost more than they do. */
const perShardMin = 16

/**
 * The next events of several shards, each after its cursor, at most `limit` in all, and of one shard its share of them only: of a long
 * backlog they would all be of one shard otherwise, hence of few tills, whose events can only go one after the other. Earlier cursors are
 * served first: callers rotate them, so that no shard starves. Events of `untilXid` and later are left for another time.
 */
export async function readShardEvents(
  db: Queryable,
  cursors: readonly ShardCursor[],
  limit: number,
  untilXid?: string,
): Promise<JournalEvent[]> {
  const result = await db.query<EventRow>({
    name: 'journal-read-shard-events',
    text: `select e.* from unnest($1::smallint[], $2::text[]::xid8[], $3::bigint[]) with ordinality as c (shard, xid, position, place)
      cross join lateral (
        select ${columns} from journal_events e
        where e.shard = c.shard and (e.xid, e.position) > (c.xid, c.position)
          and e.xid < least(pg_snapshot_xmin(pg_current_snapshot()), $5::text::xid8)
        order by e.xid, e.position limit $6
      ) e limit $4`,
    values: [
      cursors.map((c) => c.shard),
      cursors.map((c) => c.xid),
      cursors.map((c) => c.position),
      limit,
      untilXid ?? null,
      Math.max(perShardMin, Math.ceil(limit / Math.max(1, cursors.length))),
    ],
  })
  return result.rows.map(toEvent)
}

/** The whole journal in order, after a position. */
export async function readEventsAfter(db: Queryable, after: JournalPosition, limit: number): Promise<JournalEvent[]> {
  const result = await db.query<EventRow>({
    name: 'journal-read-events-after',
    text: `select ${columns} from journal_events
      where (xid, position) > ($1::text::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by xid, position limit $3`,
    values: [after.xid, after.position, limit],
  })
  return result.rows.map(toEvent)
}

/** As `readEventsAfter`, for readers that pass the data on: taking it apart costs more than reading it. */
export async function readUnreadEventsAfter(
  db: Queryable,
  after: JournalPosition,
  limit: number,
): Promise<UnreadEvent[]> {
  const result = await db.query<EventRow & { data: string }>({
    name: 'journal-read-unread-events-after',
    text: `select ${columns.replace(' data,', ' data::text as data,')} from journal_events
      where (xid, position) > ($1::text::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by xid, position limit $3`,
    values: [after.xid, after.position, limit],
  })
  return result.rows.map((row) => {
    const { data: _, ...event } = toEvent(row)
    return { ...event, dataText: row.data }
  })
}

/** The last event of each shard up to a position; a shard without one is not there. */
export async function readLastOfShards(db: Queryable, until: JournalPosition): Promise<Map<number, JournalPosition>> {
  const { rows } = await db.query<ShardCursor>(
    `select s.shard, e.xid, e.position from generate_series(0, $3::int - 1) as s (shard)
      cross join lateral (
        select xid, position from journal_events e
        where e.shard = s.shard and (e.xid, e.position) <= ($1::text::xid8, $2::bigint)
        order by e.xid desc, e.position desc limit 1
      ) e`,
    [until.xid, until.position, shardsCount],
  )
  return new Map(rows.map(({ shard, xid, position }) => [shard, { xid, position }]))
}

/** Events by id, in no particular order. */
export async function readEvents(db: Queryable, eventIds: readonly string[]): Promise<JournalEvent[]> {
  if (eventIds.length === 0) return []
  const result = await db.query<EventRow>({
    name: 'journal-read-events',
    text: `select ${columns} from journal_events where event_id = any($1::uuid[])`,
    values: [eventIds],
  })
  return result.rows.map(toEvent)
}

/** How many events a shard reader has not seen yet, per shard. Counts at most `limit` per shard. */
export async function countEventsAfter(
  db: Queryable,
  cursors: readonly ShardCursor[],
  eventTypes: readonly string[],
): Promise<number> {
  const result = await db.query<{ pending: string }>(
    `select coalesce(sum(n), 0) as pending from unnest($1::smallint[], $2::text[]::xid8[], $3::bigint[]) as c (shard, xid, position)
      cross join lateral (
        select count(*) as n from journal_events e
        where e.shard = c.shard and (e.xid, e.position) > (c.xid, c.position) and e.event_type = any($4)
      ) e`,
    [cursors.map((c) => c.shard), cursors.map((c) => c.xid), cursors.map((c) => c.position), eventTypes],
  )
  return Number(result.rows[0]?.pending ?? 0)
}

/** When the oldest event after the cursors was recorded. */
export async function oldestEventAfter(db: Queryable, cursors: readonly ShardCursor[]): Promise<Date | undefined> {
  const result = await db.query<{ oldest: Date | null }>(
    `select min(recorded_at) as oldest from unnest($1::smallint[], $2::text[]::xid8[], $3::bigint[]) as c (shard, xid, position)
      cross join lateral (
        select recorded_at from journal_events e
        where e.shard = c.shard and (e.xid, e.position) > (c.xid, c.position) order by e.xid, e.position limit 1
      ) e`,
    [cursors.map((c) => c.shard), cursors.map((c) => c.xid), cursors.map((c) => c.position)],
  )
  return result.rows[0]?.oldest ?? undefined
}

/** Where a named reader of the whole journal stands; at the journal's beginning when new. */
export async function readCursor(db: Queryable, consumer: string): Promise<JournalPosition> {
  const result = await db.query<JournalPosition>('select xid, position from journal_cursors where consumer = $1', [
    consumer,
  ])
  return result.rows[0] ?? { xid: '0', position: '0' }
}

/** Locks a named reader's cursor for this transaction and returns it; made at the journal's beginning when new. */
export async function lockCursor(client: ClientBase, consumer: string): Promise<JournalPosition> {
  await client.query('insert into journal_cursors (consumer) values ($1) on conflict do nothing', [consumer])
  const result = await client.query<JournalPosition>(
    'select xid, position from journal_cursors where consumer = $1 for update',
    [consumer],
  )
  return result.rows[0] ?? { xid: '0', position: '0' }
}

export async function moveCursor(client: ClientBase, consumer: string, to: JournalPosition): Promise<void> {
  await client.query('update journal_cursors set xid = $2::text::xid8, position = $3 where consumer = $1', [
    consumer,
    to.xid,
    to.position,
  ])
}

/** The transaction keys that these events are about, by event. */
export async function readSubjects(db: Queryable, eventIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ event_id: string; subject: string }>(
    'select event_id, subject from journal_events where event_id = any($1::uuid[])',
    [eventIds],
  )
  return new Map(rows.map((row) => [row.event_id, row.subject]))
}

/** Which of these events are in the journal. */
export async function findEventIds(db: Queryable, eventIds: readonly string[]): Promise<Set<string>> {
  const result = await db.query<{ event_id: string }>(
    'select event_id from journal_events where event_id = any($1::uuid[])',
    [eventIds],
  )
  return new Set(result.rows.map((row) => row.event_id))
}

/** Which journal this database has: made with it, and no other's. */
export async function readJournalId(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ journal_id: string }>('select journal_id from journal_identity')
  const [row] = rows
  if (!row) throw new Error('the database does not say which journal it has: the row of journal_identity is gone')
  return row.journal_id
}
