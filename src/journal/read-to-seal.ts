import type { ClientBase, Pool } from 'pg'
import type { JournalPosition } from './event.ts'

type Queryable = Pool | ClientBase

/** An event to the last character, as the one who seals it must see it. */
export interface EventToSeal extends JournalPosition {
  eventId: string
  shard: number
  eventType: string
  subject: string
  orderingKey: string
  /** Null and an empty list are not the same. */
  dependsOn: string[] | null
  dataText: string
  traceparent: string | null
  /** Microseconds since 1970, which a `Date` would round. */
  recordedAtUs: string
  /** Where its free text was emptied: SHA-256 of the form that is sealed, before and since, in hexadecimal. */
  emptiedBefore: string | null
  emptiedAfter: string | null
  /** With which others (`describeEmptiedEvents`). */
  emptiedWith: string | null
}

/** Before every event, whatever its place says: also one that no reader would come upon. */
export const journalBeginning: JournalPosition = { xid: '0', position: '-9223372036854775808' }

/**
 * The next events in journal order after a position, at most `limit`: up to another position, else as far as there will be no
 * holes any more.
 */
export async function readEventsToSeal(
  db: Queryable,
  after: JournalPosition,
  until: JournalPosition | undefined,
  limit: number,
): Promise<EventToSeal[]> {
  const bound = until
    ? '(xid, position) <= ($4::text::xid8, $5::bigint)'
    : 'xid < pg_snapshot_xmin(pg_current_snapshot())'
  const { rows } = await db.query<EventToSeal>({
    name: `journal-read-to-seal${until ? '-until' : ''}`,
    text: `select event_id as "eventId", xid, position, shard, event_type as "eventType", subject, ordering_key as "orderingKey",
        depends_on as "dependsOn", data::text as "dataText", traceparent,
        (extract(epoch from recorded_at) * 1000000)::bigint as "recordedAtUs",
        encode(x.before_sha256, 'hex') as "emptiedBefore", encode(x.after_sha256, 'hex') as "emptiedAfter", x.portion as "emptiedWith"
      from journal_events left join event_erasures x using (event_id)
      where (xid, position) > ($1::text::xid8, $2::bigint) and ${bound} order by xid, position limit $3`,
    values: [after.xid, after.position, limit, ...(until ? [until.xid, until.position] : [])],
  })
  return rows
}

/** How many events lie behind a position, counted up to `limit`, and since when the first of them is there. */
export async function countEventsBehind(
  db: Queryable,
  after: JournalPosition,
  limit: number,
): Promise<{ count: number; oldestAt: Date | null }> {
  const { rows } = await db.query<{ count: number; oldest_at: Date | null }>({
    name: 'journal-count-events-behind',
    text: `select count(*)::int as count, (
        select recorded_at from journal_events where (xid, position) > ($1::text::xid8, $2::bigint) order by xid, position limit 1
      ) as oldest_at
      from (select from journal_events where (xid, position) > ($1::text::xid8, $2::bigint) limit $3) as behind`,
    values: [after.xid, after.position, limit],
  })
  return { count: rows[0]?.count ?? 0, oldestAt: rows[0]?.oldest_at ?? null }
}
