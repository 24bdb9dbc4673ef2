import type { ClientBase, Pool } from 'pg'
import { eventTypes, type JournalPosition } from './event.ts'
import type { ShardCursor } from './queries.ts'

type Queryable = Pool | ClientBase

/** Which receipts are looked for; what is not said does not matter. */
export interface ReceiptFilter {
  businessUnitId?: string
  /** `2026-03-02` */
  businessDayDate?: string
  transactionTypes?: readonly string[]
  /** When they were recorded: from (included), until (excluded). */
  recordedSince?: Date
  recordedUntil?: Date
}

/** Where an event lies, without its content. */
export interface EventPlace extends JournalPosition {
  eventId: string
  shard: number
  orderingKey: string
  dependsOn: string[]
}

interface PlaceRow {
  event_id: string | null
  xid: string
  position: string
  shard: number
  ordering_key: string
  depends_on: string[] | null
}

const ofStore = `event_type = '${eventTypes.recorded}' and split_part(ordering_key, '/', 1) = $1`

/** The ordering key begins with the store, and looking at it is cheaper than looking into the receipt. */
const matches = `event_type = '${eventTypes.recorded}'
  and ($1::text is null or split_part(ordering_key, '/', 1) = $1)
  and ($2::text is null or data -> 'transaction' ->> 'businessDayDate' = $2)
  and ($3::text[] is null or data -> 'transaction' ->> 'transactionType' = any($3))
  and ($4::timestamptz is null or recorded_at >= $4) and ($5::timestamptz is null or recorded_at < $5)`

const filterValues = (filter: ReceiptFilter) => [
  filter.businessUnitId ?? null,
  filter.businessDayDate ?? null,
  filter.transactionTypes ?? null,
  filter.recordedSince ?? null,
  filter.recordedUntil ?? null,
]

const placeColumns = 'event_id, xid, position, shard, ordering_key, depends_on'

/** A part of the journal that one statement looks through. */
export interface Stretch {
  after: JournalPosition
  /** Bounds the journal as it was when the search began. */
  untilXid: string
  eventsMax: number
}

/**
 * Looks through a stretch of the journal: the receipts among the next `eventsMax` events after a position that match, and where the
 * stretch ends; undefined when nothing lies behind it. Where a store is asked for, the stretch is of its receipts alone (an index). A day,
 * a type or a time without a store goes through all events: an index of days would have to look into the receipt in every insert.
 */
export async function findReceipts(
  db: Queryable,
  filter: ReceiptFilter,
  stretch: Stretch,
): Promise<{ found: EventPlace[]; end?: JournalPosition }> {
  const { text, values } = findReceiptsText(filter, stretch)
  const { rows } = await db.query<PlaceRow>(text, values)
  const end = rows.find((row) => row.event_id === null)
  return {
    found: rows.flatMap(toPlace),
    ...(end && { end: { xid: end.xid, position: end.position } }),
  }
}

export function findReceiptsText(filter: ReceiptFilter, stretch: Stretch): { text: string; values: unknown[] } {
  const among = filter.businessUnitId === undefined ? 'true' : ofStore
  return {
    text: `with stretch as (
       select ${placeColumns}, (${matches}) as is_match from journal_events
       where ${among} and (xid, position) > ($6::text::xid8, $7::bigint) and xid < $8::text::xid8 order by xid, position limit $9
     )
     (select ${placeColumns} from stretch where is_match order by xid, position)
     union all
     (select null, xid, position, shard, ordering_key, null from stretch order by xid desc, position desc limit 1)`,
    values: [...filterValues(filter), stretch.after.xid, stretch.after.position, stretch.untilXid, stretch.eventsMax],
  }
}

/** The receipts among these events that match, in journal order. */
export async function findReceiptsAmong(
  db: Queryable,
  filter: ReceiptFilter,
  eventIds: readonly string[],
): Promise<EventPlace[]> {
  const { rows } = await db.query<PlaceRow>(
    `select ${placeColumns} from journal_events where event_id = any($6::uuid[]) and ${matches} order by xid, position`,
    [...filterValues(filter), eventIds],
  )
  return rows.flatMap(toPlace)
}

function toPlace(row: PlaceRow): EventPlace[] {
  if (row.event_id === null) return []
  return [
    {
      eventId: row.event_id,
      xid: row.xid,
      position: row.position,
      shard: row.shard,
      orderingKey: row.ordering_key,
      dependsOn: row.depends_on ?? [],
    },
  ]
}

/** Everything below this xid is committed or never will be: a reader may go this far now. */
export async function readSettledXid(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ xid: string }>('select pg_snapshot_xmin(pg_current_snapshot()) as xid')
  return rows[0]?.xid ?? '0'
}

/** Whether readers at these cursors have seen everything below an xid, also what was not committed when it was noted. */
export async function haveReadUntil(
  db: Queryable,
  cursors: readonly ShardCursor[],
  untilXid: string,
): Promise<boolean> {
  const { rows } = await db.query<{ all_read: boolean }>(
    `select pg_snapshot_xmin(pg_current_snapshot()) >= $4::text::xid8 and not exists (
       select from unnest($1::smallint[], $2::text[]::xid8[], $3::bigint[]) as c (shard, xid, position)
       join lateral (
         select from journal_events e where e.shard = c.shard and (e.xid, e.position) > (c.xid, c.position)
           and e.xid < $4::text::xid8 limit 1
       ) e on true) as all_read`,
    [cursors.map((c) => c.shard), cursors.map((c) => c.xid), cursors.map((c) => c.position), untilXid],
  )
  return rows[0]?.all_read ?? false
}
