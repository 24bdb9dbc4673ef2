import type { ClientBase, Pool } from 'pg'

import type { SliceCounts } from '../contract/slice-quality.ts'

type Queryable = Pool | ClientBase

export interface FileRow {
  file_id: string
  name: string
  source: string
  account: string | null
  sender_id: string
  sender_stores: string[] | null
  state: 'uploading' | 'waiting' | 'held' | 'done' | 'rejected'
  bytes: string
  sha256: Buffer | null
  masked: boolean
  slices: string
  recorded: string
  duplicates: string
  quarantined: string
  conflicts: string
  refused: string
  noted: string
  problem: string | null
  detail: string | null
  received_at: Date
  finished_at: Date | null
  fence: string
  failures: number
  /** Somebody decided that it goes on whatever is bad in it. */
  bad_accepted: boolean
}

export interface FileErrorRow {
  slice: string
  kind: string
  code: string | null
  detail: string | null
}

export async function insertFile(
  db: Queryable,
  file: {
    id: string
    name: string
    source: string
    account?: string
    senderId: string
    senderStores?: readonly string[]
  },
): Promise<void> {
  await db.query(
    `insert into files (file_id, name, source, account, sender_id, sender_stores, state)
     values ($1, $2, $3, $4, $5, $6, 'uploading')`,
    [file.id, file.name, file.source, file.account ?? null, file.senderId, file.senderStores ?? null],
  )
}

export async function insertChunk(
  db: Queryable,
  id: string,
  chunk: number,
  keyId: string,
  sealed: Buffer,
): Promise<void> {
  await db.query('insert into file_chunks (file_id, chunk, key_id, sealed) values ($1, $2, $3, $4)', [
    id,
    chunk,
    keyId,
    sealed,
  ])
}

/** From now on it is accepted. */
export async function acceptFile(
  db: Queryable,
  id: string,
  { bytes, sha256, masked }: { bytes: number; sha256: Buffer; masked: boolean },
): Promise<void> {
  await db.query("update files set state = 'waiting', bytes = $2, sha256 = $3, masked = $4 where file_id = $1", [
    id,
    bytes,
    sha256,
    masked,
  ])
}

export async function deleteFile(db: Queryable, id: string): Promise<void> {
  await db.query('delete from files where file_id = $1', [id])
}

/** A file of this content that was recorded. One of which anything was refused is none: another token may get that in. */
export async function findByContent(
  db: Queryable,
  { source, account, sha256 }: { source: string; account: string | undefined; sha256: Buffer },
): Promise<FileRow | undefined> {
  const { rows } = await db.query<FileRow>(
    `select * from files
     where source = $1 and sha256 = $2 and state = 'done' and account is not distinct from $3 and refused = 0 limit 1`,
    [source, sha256, account ?? null],
  )
  return rows[0]
}

export async function countWaiting(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    "select count(*) from files where state in ('uploading', 'waiting', 'held')",
  )
  return Number(rows[0]?.count ?? 0)
}

/** The oldest file that nobody works on, claimed for a while. Several hubs never get the same one. */
export async function claimFile(db: Queryable, leaseSeconds: number): Promise<FileRow | undefined> {
  const { rows } = await db.query<FileRow>(
    `update files set claimed_until = clock_timestamp() + make_interval(secs => $1), fence = fence + 1
     where file_id = (
       select file_id from files
       where state = 'waiting' and (claimed_until is null or claimed_until < clock_timestamp())
       order by received_at limit 1 for update skip locked)
     returning *`,
    [leaseSeconds],
  )
  return rows[0]
}

export async function readChunk(
  db: Queryable,
  id: string,
  chunk: number,
): Promise<{ key_id: string; sealed: Buffer } | undefined> {
  const { rows } = await db.query<{ key_id: string; sealed: Buffer }>(
    'select key_id, sealed from file_chunks where file_id = $1 and chunk = $2',
    [id, chunk],
  )
  return rows[0]
}

/** What decides whether a file is good enough. */
export interface QualityCounts {
  slices: number
  quarantined: number
  refused: number
}

export interface Advance extends SliceCounts {
  slices: number
  errors: readonly { slice: number; kind: string; code?: string | undefined; detail?: string | undefined }[]
}

/** Moves the counts on and lists what was bad, in one statement; undefined when another claim came after this one. */
export async function advanceFile(
  db: Queryable,
  id: string,
  fence: string,
  leaseSeconds: number,
  { errors, ...counts }: Advance,
): Promise<QualityCounts | undefined> {
  const { rows } = await db.query<{ slices: string; quarantined: string; refused: string }>(
    `with moved as (
       update files set slices = slices + $3, recorded = recorded + $4, duplicates = duplicates + $5,
         quarantined = quarantined + $6, conflicts = conflicts + $7, refused = refused + $8, noted = noted + $9,
         failures = case when $3::bigint > 0 then 0 else failures end, claimed_until = clock_timestamp() + make_interval(secs => $10)
       where file_id = $1 and fence = $2 and state = 'waiting'
       returning file_id, slices, quarantined, refused),
     listed as (
       insert into file_errors (file_id, slice, kind, code, detail)
       select file_id, e.slice, e.kind, e.code, e.detail
       from moved, unnest($11::bigint[], $12::text[], $13::text[], $14::text[]) as e (slice, kind, code, detail)
       on conflict do nothing)
     select slices, quarantined, refused from moved`,
    [
      id,
      fence,
      counts.slices,
      counts.recorded,
      counts.duplicates,
      counts.quarantined,
      counts.conflicts,
      counts.refused,
      counts.noted,
      leaseSeconds,
      errors.map(({ slice }) => slice),
      errors.map(({ kind }) => kind),
      errors.map(({ code }) => code ?? null),
      errors.map(({ detail }) => detail ?? null),
    ],
  )
  const [row] = rows
  return row && { slices: Number(row.slices), quarantined: Number(row.quarantined), refused: Number(row.refused) }
}

/** Stops a file where it is, with its bytes. */
export async function holdFile(
  db: Queryable,
  id: string,
  fence: string,
  problem: { code: string; detail: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update files set state = 'held', problem = $3, detail = $4, claimed_until = null
     where file_id = $1 and fence = $2 and state = 'waiting'`,
    [id, fence, problem.code, problem.detail],
  )
  return rowCount === 1
}

/** A held file that stays so until the transaction ends. `senderId` undefined: of every sender. */
export async function lockHeldFile(
  db: ClientBase,
  id: string,
  senderId: string | undefined,
): Promise<Pick<FileRow, 'source' | 'problem' | 'slices'> | undefined> {
  const { rows } = await db.query<Pick<FileRow, 'source' | 'problem' | 'slices'>>(
    `select source, problem, slices from files
     where file_id = $1 and ($2::text is null or sender_id = $2) and state = 'held' for update`,
    [id, senderId ?? null],
  )
  return rows[0]
}

/** Lets a held file go on: whatever is bad in it where that stopped it, with all its tries. `senderId` undefined: of every sender. */
export async function resumeHeldFile(db: Queryable, id: string, senderId: string | undefined): Promise<boolean> {
  const { rowCount } = await db.query(
    `update files set state = 'waiting', bad_accepted = bad_accepted or problem = 'file-quality', failures = 0,
       problem = null, detail = null
     where file_id = $1 and ($2::text is null or sender_id = $2) and state = 'held'`,
    [id, senderId ?? null],
  )
  return rowCount === 1
}

/** Leaves the rest of a held file; why it was held stays. `senderId` undefined: of every sender. */
export async function discardHeldFile(db: Queryable, id: string, senderId: string | undefined): Promise<boolean> {
  const { rowCount } = await db.query(
    `with discarded as (
       update files set state = 'rejected', finished_at = clock_timestamp()
       where file_id = $1 and ($2::text is null or sender_id = $2) and state = 'held' returning file_id),
     emptied as (delete from file_chunks where file_id in (select file_id from discarded))
     select from discarded`,
    [id, senderId ?? null],
  )
  return rowCount === 1
}

/** The end of a file: its bytes go, since every slice is kept by intake, or it was said why not. */
export async function finishFile(
  db: Queryable,
  id: string,
  fence: string,
  state: 'done' | 'rejected',
  problem?: { code: string; detail: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `with finished as (
       update files set state = $3, problem = $4, detail = $5, finished_at = clock_timestamp(), claimed_until = null
       where file_id = $1 and fence = $2 and state = 'waiting' returning file_id),
     emptied as (delete from file_chunks where file_id in (select file_id from finished))
     select from finished`,
    [id, fence, state, problem?.code ?? null, problem?.detail ?? null],
  )
  return rowCount === 1
}

/**
 * Gives a file back before its claim has run out, for others to take after a while. Returns how many attempts in a row failed at the
 * same slice, this one counted if it did; 0 where another has the file.
 */
export async function releaseFile(
  db: Queryable,
  id: string,
  fence: string,
  { afterSeconds, failed }: { afterSeconds: number; failed: boolean },
): Promise<number> {
  const { rows } = await db.query<{ failures: number }>(
    `update files set claimed_until = clock_timestamp() + make_interval(secs => $3), failures = failures + $4
     where file_id = $1 and fence = $2 returning failures`,
    [id, fence, afterSeconds, failed ? 1 : 0],
  )
  return rows[0]?.failures ?? 0
}

/** Uploads that broke off so long ago that nobody can still be sending. */
export async function sweepBrokenUploads(db: Queryable, olderThanSeconds: number): Promise<number> {
  const { rowCount } = await db.query(
    "delete from files where state = 'uploading' and received_at < clock_timestamp() - make_interval(secs => $1)",
    [olderThanSeconds],
  )
  return rowCount ?? 0
}

/** Whose files somebody sees: their own, and those of senders that speak for these stores alone. */
export interface FileReach {
  senderId: string
  stores: readonly string[]
}

/** $1 is the sender, null: everybody; $2 the stores. A sender for no store is nobody's. */
const isSeen = `($1::text is null or sender_id = $1 or (sender_stores <@ $2::text[] and cardinality(sender_stores) > 0))`
const seenValues = (reach: FileReach | undefined) => [reach?.senderId ?? null, reach?.stores ?? []]

/** `reach` undefined: of every sender. */
export async function findFile(db: Queryable, id: string, reach: FileReach | undefined): Promise<FileRow | undefined> {
  const { rows } = await db.query<FileRow>(`select * from files where ${isSeen} and file_id = $3`, [
    ...seenValues(reach),
    id,
  ])
  return rows[0]
}

/** Newest first, those before the one named. */
export async function listFiles(
  db: Queryable,
  page: { reach: FileReach | undefined; before: string | undefined; limit: number },
): Promise<FileRow[]> {
  const { rows } = await db.query<FileRow>(
    `select * from files
     where ${isSeen}
       and ($3::uuid is null or (received_at, file_id) < (select received_at, file_id from files where file_id = $3))
     order by received_at desc, file_id desc limit $4`,
    [...seenValues(page.reach), page.before ?? null, page.limit],
  )
  return rows
}

export async function listErrors(db: Queryable, id: string, after: number, limit: number): Promise<FileErrorRow[]> {
  const { rows } = await db.query<FileErrorRow>(
    'select slice, kind, code, detail from file_errors where file_id = $1 and slice > $2 order by slice limit $3',
    [id, after, limit],
  )
  return rows
}

/** Deletes what is known of files that came to their end before a time, their lists of errors too. */
export async function deleteOldFiles(db: Queryable, before: Date, filesMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from files where file_id in (
       select file_id from files where state in ('done', 'rejected') and coalesce(finished_at, received_at) < $1
       order by received_at limit $2)`,
    [before, filesMax],
  )
  return rowCount ?? 0
}
