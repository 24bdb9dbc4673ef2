import type { ClientBase, Pool } from 'pg'

type Queryable = Pool | ClientBase

/** An act to the last character: JSON as it was written, times in microseconds since 1970. */
export interface ActToSeal extends ActPosition {
  atUs: string
  actor: string
  act: string
  object: string
  reason: string | null
  before: string | null
  after: string | null
  details: string
}

export interface ActPosition {
  xid: string
  actId: string
}

export const actsBeginning: ActPosition = { xid: '0', actId: '-9223372036854775808' }

/** The next acts after a place, at most `limit`: up to another place, else as far as there will be no holes any more. */
export async function readActsToSeal(
  db: Queryable,
  after: ActPosition,
  until: ActPosition | undefined,
  limit: number,
): Promise<ActToSeal[]> {
  const bound = until
    ? '(xid, act_id) <= ($4::text::xid8, $5::bigint)'
    : 'xid < pg_snapshot_xmin(pg_current_snapshot())'
  const { rows } = await db.query<ActToSeal>({
    name: `audit-read-acts-to-seal${until ? '-until' : ''}`,
    text: `select act_id as "actId", xid, (extract(epoch from at) * 1000000)::bigint as "atUs", actor, act, object, reason,
        before::text as before, after::text as after, details::text as details
      from audit_acts where (xid, act_id) > ($1::text::xid8, $2::bigint) and ${bound} order by xid, act_id limit $3`,
    values: [after.xid, after.actId, limit, ...(until ? [until.xid, until.actId] : [])],
  })
  return rows
}

export async function countActsBehind(db: Queryable, after: ActPosition, limit: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>({
    name: 'audit-count-acts-behind',
    text: `select count(*)::int as count from (
      select from audit_acts where (xid, act_id) > ($1::text::xid8, $2::bigint) limit $3) as behind`,
    values: [after.xid, after.actId, limit],
  })
  return rows[0]?.count ?? 0
}

/** Which of these acts are there, wherever they stand. */
export async function isActThere(db: Queryable, actId: string): Promise<boolean> {
  const { rowCount } = await db.query('select from audit_acts where act_id = $1', [actId])
  return rowCount === 1
}

export interface CheckpointRow {
  checkpointNo: string
  line: string
}

export async function readLastCheckpoint(db: Queryable): Promise<CheckpointRow | undefined> {
  const { rows } = await db.query<CheckpointRow>(
    'select checkpoint_no as "checkpointNo", line from audit_checkpoints order by checkpoint_no desc limit 1',
  )
  return rows[0]
}

/** Checkpoints from a number on, at most `limit`, without their entries. */
export async function readCheckpointLines(db: Queryable, from: number, limit: number): Promise<CheckpointRow[]> {
  const { rows } = await db.query<CheckpointRow>({
    name: 'audit-read-checkpoint-lines',
    text: `select checkpoint_no as "checkpointNo", line from audit_checkpoints where checkpoint_no >= $1
      order by checkpoint_no limit $2`,
    values: [from, limit],
  })
  return rows
}

/** The entries of one checkpoint (`encodeEntry`). */
export async function readSealedEntries(db: Queryable, checkpointNo: number): Promise<Buffer> {
  const { rows } = await db.query<{ entries: Buffer }>({
    name: 'audit-read-sealed-entries',
    text: 'select entries from audit_checkpoints where checkpoint_no = $1',
    values: [checkpointNo],
  })
  return rows[0]?.entries ?? Buffer.alloc(0)
}

/** Whether any checkpoint has an entry whose bytes begin so (`encodeName`). Looks through all: for the moment something is wrong. */
export async function isSealedAnywhere(db: Queryable, name: Buffer): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    'select exists (select from audit_checkpoints where position($1::bytea in entries) > 0) as there',
    [name],
  )
  return rows[0]?.there ?? false
}

export async function insertCheckpoint(
  db: Queryable,
  { checkpointNo, line, entries }: { checkpointNo: number; line: string; entries: Buffer },
): Promise<void> {
  await db.query('insert into audit_checkpoints (checkpoint_no, line, entries) values ($1, $2, $3)', [
    checkpointNo,
    line,
    entries,
  ])
}

export interface KeyRow {
  key: string
  sealedPrivate: Buffer | null
  voucher: Buffer
  createdAt: Date
  retiredAt: Date | null
}

/** Every signing key that there was, the oldest first. */
export async function readKeys(db: Queryable): Promise<KeyRow[]> {
  const { rows } = await db.query<KeyRow>(
    `select key, sealed_private as "sealedPrivate", voucher, created_at as "createdAt", retired_at as "retiredAt"
     from audit_keys order by created_at`,
  )
  return rows
}

export async function insertKey(db: Queryable, key: string, sealedPrivate: Buffer, voucher: Buffer): Promise<void> {
  await db.query('insert into audit_keys (key, sealed_private, voucher) values ($1, $2, $3)', [
    key,
    sealedPrivate,
    voucher,
  ])
}

/** Destroys the private part of the key in use. */
export async function retireKey(db: Queryable): Promise<void> {
  await db.query('update audit_keys set sealed_private = null, retired_at = clock_timestamp() where retired_at is null')
}
