import type { ClientBase } from 'pg'
import { eventTypes } from './event.ts'

/** Receipts that were recorded before a time, in journal order after a place, and where the portion ends. */
export async function readOldReceiptIds(
  db: ClientBase,
  { place, cutAt, limit }: { place?: string; cutAt: Date; limit: number },
): Promise<{ eventIds: string[]; place?: string; more: boolean }> {
  const [xid = '0', position = '0'] = place?.split('.') ?? []
  const { rows } = await db.query<{
    event_id: string
    event_type: string
    xid: string
    position: string
    is_old: boolean
  }>(
    `select event_id, event_type, xid, position, recorded_at < $3 as is_old from journal_events
     where (xid, position) > ($1::text::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
     order by xid, position limit $4`,
    [xid, position, cutAt, limit],
  )
  // Times and places differ by the length of a commit: at the first that is young enough it ends, and goes on there next time.
  const firstYoung = rows.findIndex(({ is_old }) => !is_old)
  const old = firstYoung < 0 ? rows : rows.slice(0, firstYoung)
  const last = old.at(-1)
  return {
    eventIds: old.filter(({ event_type }) => event_type === eventTypes.recorded).map(({ event_id }) => event_id),
    ...(last && { place: `${last.xid}.${last.position}` }),
    more: firstYoung < 0 && rows.length === limit,
  }
}
