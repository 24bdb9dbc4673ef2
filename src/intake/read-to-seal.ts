import type { ClientBase, Pool } from 'pg'

type Queryable = Pool | ClientBase

/** A raw record as the one who seals it must see it: its bytes as their SHA-256. */
export interface RawRecordToSeal {
  recordId: string
  keyId: string
  fidelity: string
  sealedSha256: Buffer
  /** Its bytes were taken away, by an erasure or a rule of retention. */
  isEmptied: boolean
  /** With which others (`describeEmptied`); null: it was not said, or not emptied. */
  emptiedWith: string | null
}

/** A place among the conflicts: compare by xid first. */
export interface ConflictPosition {
  xid: string
  conflictId: string
}

export interface ConflictToSeal extends ConflictPosition {
  /** Undefined: its raw record is not there. */
  raw: RawRecordToSeal | undefined
}

/** Conflicts that were there before any was sealed have no smaller id than this. */
export const conflictsBeginning: ConflictPosition = { xid: '0', conflictId: '00000000-0000-0000-0000-000000000000' }

/**
 * The raw records of these events, by id. Their bytes are hashed where they lie, and do not travel. Of one that was erased it is said
 * what it was until then: bytes that are still there must be those, of others the hash was noted.
 */
export async function readRawRecordsToSeal(
  db: Queryable,
  recordIds: readonly string[],
): Promise<Map<string, RawRecordToSeal>> {
  if (recordIds.length === 0) return new Map()
  const { rows } = await db.query<RawRecordToSeal>({
    name: 'intake-read-raw-to-seal',
    text: `select r.record_id as "recordId", r.key_id::text as "keyId", coalesce(e.fidelity, r.fidelity) as fidelity,
        case when r.sealed = '' then coalesce(e.ciphertext_sha256, pg_catalog.sha256(r.sealed)) else pg_catalog.sha256(r.sealed) end
          as "sealedSha256",
        r.sealed = '' as "isEmptied", case when r.sealed = '' then e.portion end as "emptiedWith"
      from raw_records r left join raw_erasures e on e.record_id = r.record_id and r.fidelity = 'erased'
      where r.record_id = any($1::uuid[])`,
    values: [recordIds],
  })
  return new Map(rows.map((row) => [row.recordId, row]))
}

/** The next conflicts after a place with their raw records, at most `limit`: up to another place, else as far as there will be no holes. */
export async function readConflictsToSeal(
  db: Queryable,
  after: ConflictPosition,
  until: ConflictPosition | undefined,
  limit: number,
): Promise<ConflictToSeal[]> {
  const bound = until
    ? '(xid, conflict_id) <= ($4::text::xid8, $5::uuid)'
    : 'xid < pg_snapshot_xmin(pg_current_snapshot())'
  const { rows } = await db.query<ConflictPosition>({
    name: `intake-read-conflicts-to-seal${until ? '-until' : ''}`,
    text: `select xid, conflict_id as "conflictId" from conflicts
      where (xid, conflict_id) > ($1::text::xid8, $2::uuid) and ${bound} order by xid, conflict_id limit $3`,
    values: [after.xid, after.conflictId, limit, ...(until ? [until.xid, until.conflictId] : [])],
  })
  const raws = await readRawRecordsToSeal(
    db,
    rows.map((row) => row.conflictId),
  )
  return rows.map((row) => ({ ...row, raw: raws.get(row.conflictId) }))
}

/** How many conflicts lie behind a place, counted up to `limit`. */
export async function countConflictsBehind(db: Queryable, after: ConflictPosition, limit: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'intake-count-conflicts-behind',
    text: `select count(*)::int as count from (
      select from conflicts where (xid, conflict_id) > ($1::text::xid8, $2::uuid) limit $3) as behind`,
    values: [after.xid, after.conflictId, limit],
  })
  return rows[0]?.count ?? 0
}
