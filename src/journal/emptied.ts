import type { ClientBase, Pool } from 'pg'

/** Events whose free text was emptied together, as they were noted then. */
export interface EmptiedEvents {
  events: number
  /** SHA-256 over the ids and both hashes, in the order of the ids; hexadecimal. */
  sha256: string
}

/** Undefined: no event was emptied under this name. */
export async function describeEmptiedEvents(
  db: Pool | ClientBase,
  portion: string,
): Promise<EmptiedEvents | undefined> {
  const { rows } = await db.query<{ events: number; sha256: string | null }>({
    name: 'journal-describe-emptied',
    text: `select count(*)::int as events, encode(pg_catalog.sha256(
        string_agg(uuid_send(event_id) || before_sha256 || after_sha256, ''::bytea order by event_id)), 'hex') as sha256
      from event_erasures where portion = $1`,
    values: [portion],
  })
  const [row] = rows
  return row?.sha256 ? { events: row.events, sha256: row.sha256 } : undefined
}

/** Notes what events were, and are since their free text is gone. What was noted first stays: that is what seals of before are of. */
export async function insertEmptiedEvents(
  db: ClientBase,
  portion: string,
  emptied: readonly { eventId: string; before: Buffer; after: Buffer }[],
): Promise<void> {
  if (emptied.length === 0) return
  await db.query(
    `insert into event_erasures (event_id, before_sha256, after_sha256, portion)
     select event_id, before_sha256, after_sha256, $4 from unnest($1::uuid[], $2::bytea[], $3::bytea[])
       as e (event_id, before_sha256, after_sha256)
     on conflict do nothing`,
    [
      emptied.map(({ eventId }) => eventId),
      emptied.map(({ before }) => before),
      emptied.map(({ after }) => after),
      portion,
    ],
  )
}
