import type { ClientBase, Pool } from 'pg'

type Queryable = Pool | ClientBase

export interface DataKeyRow {
  key_id: string
  kind: 'data' | 'subject'
  subject_index: Buffer | null
  /** `null` once destroyed. */
  wrapped_key: Buffer | null
}

export interface KeyChecks {
  key_check: Buffer
  /** Of the master key that a replacement under way leads to. */
  next_check: Buffer | null
}

export async function readKeyChecks(pool: Pool): Promise<KeyChecks | undefined> {
  const { rows } = await pool.query<KeyChecks>('select key_check, next_check from vault_check')
  return rows[0]
}

/** Keeps the first check value that was ever offered, and returns the one that is kept. */
export async function readOrKeepKeyCheck(
  pool: Pool,
  keyCheck: Buffer,
): Promise<{ isNew: boolean; stored: KeyChecks | undefined }> {
  const { rowCount } = await pool.query('insert into vault_check (key_check) values ($1) on conflict do nothing', [
    keyCheck,
  ])
  return { isNew: rowCount === 1, stored: await readKeyChecks(pool) }
}

export async function beginRotation(pool: Pool, nextCheck: Buffer): Promise<void> {
  await pool.query('update vault_check set next_check = $1', [nextCheck])
}

/** False, and nothing is changed, while a living key is wrapped otherwise. */
export async function endRotation(pool: Pool, keyCheck: Buffer, wrapping: Buffer): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update vault_check set key_check = $1, next_check = null where not exists (
       select from data_keys where wrapped_key is not null and wrapping is distinct from $2)`,
    [keyCheck, wrapping],
  )
  return rowCount === 1
}

export interface InstallationKeyRow {
  purpose: string
  wrapped_key: Buffer
  wrapping: Buffer
}

export async function readInstallationKeys(pool: Pool): Promise<InstallationKeyRow[]> {
  const { rows } = await pool.query<InstallationKeyRow>('select purpose, wrapped_key, wrapping from installation_keys')
  return rows
}

export async function insertInstallationKeys(
  pool: Pool,
  offered: readonly { purpose: string; wrappedKey: Buffer }[],
  wrapping: Buffer,
): Promise<void> {
  await pool.query(
    `insert into installation_keys (purpose, wrapped_key, wrapping)
     select purpose, wrapped_key, $3 from unnest($1::text[], $2::bytea[]) as o (purpose, wrapped_key)
     order by purpose on conflict do nothing`,
    [offered.map(({ purpose }) => purpose), offered.map(({ wrappedKey }) => wrappedKey), wrapping],
  )
}

export async function rewrapInstallationKey(
  pool: Pool,
  { purpose, wrapped, before, id }: { purpose: string; wrapped: Buffer; before: Buffer; id: Buffer },
): Promise<number> {
  const { rowCount } = await pool.query(
    'update installation_keys set wrapped_key = $2, wrapping = $4 where purpose = $1 and wrapped_key = $3',
    [purpose, wrapped, before, id],
  )
  return rowCount ?? 0
}

/** Living keys that another master key wraps. */
export async function readKeysToRewrap(
  pool: Pool,
  wrapping: Buffer,
  limit: number,
): Promise<{ key_id: string; subject_index: Buffer | null; wrapped_key: Buffer }[]> {
  const { rows } = await pool.query<{ key_id: string; subject_index: Buffer | null; wrapped_key: Buffer }>(
    `select key_id::text, subject_index, wrapped_key from data_keys
     where wrapped_key is not null and wrapping is distinct from $1 order by data_keys.key_id limit $2`,
    [wrapping, limit],
  )
  return rows
}

/** A key that was destroyed meanwhile stays destroyed. */
export async function rewrapDataKeys(
  pool: Pool,
  keys: readonly { keyId: string; before: Buffer; wrapped: Buffer | undefined }[],
  wrapping: Buffer,
): Promise<number> {
  const { rowCount } = await pool.query(
    `update data_keys d set wrapped_key = n.wrapped, wrapping = $4
     from unnest($1::bigint[], $2::bytea[], $3::bytea[]) as n (key_id, before, wrapped)
     where d.key_id = n.key_id and d.wrapped_key = n.before`,
    [keys.map(({ keyId }) => keyId), keys.map(({ before }) => before), keys.map(({ wrapped }) => wrapped), wrapping],
  )
  return rowCount ?? 0
}

export async function insertDataKey(pool: Pool, wrappedKey: Buffer, wrapping: Buffer): Promise<string> {
  const result = await pool.query<{ key_id: string }>(
    `insert into data_keys (kind, wrapped_key, wrapping) values ('data', $1, $2) returning key_id::text`,
    [wrappedKey, wrapping],
  )
  return result.rows[0]?.key_id ?? ''
}

/**
 * Finds the keys of subjects, and makes the missing ones of the keys offered. A key that another process makes in the same
 * moment is in neither half of the answer; ask once more with `readSubjectKeys`.
 */
export async function createSubjectKeys(
  pool: Pool,
  offered: readonly { subjectIndex: Buffer; wrappedKey: Buffer }[],
  wrapping: Buffer,
): Promise<DataKeyRow[]> {
  const result = await pool.query<DataKeyRow>({
    name: 'privacy-create-subject-keys',
    text: `
      with offered as (
        select subject_index, wrapped_key from unnest($1::bytea[], $2::bytea[]) as o (subject_index, wrapped_key)
      ), found as (
        select key_id, kind, subject_index, wrapped_key from data_keys where subject_index = any ($1::bytea[])
      ), created as (
        insert into data_keys (kind, subject_index, wrapped_key, wrapping)
        select 'subject', subject_index, wrapped_key, $3::bytea from offered
        where subject_index not in (select subject_index from found)
        order by subject_index
        on conflict (subject_index) where subject_index is not null do nothing
        returning key_id, kind, subject_index, wrapped_key
      )
      select key_id::text, kind, subject_index, wrapped_key from found
      union all
      select key_id::text, kind, subject_index, wrapped_key from created`,
    values: [offered.map((one) => one.subjectIndex), offered.map((one) => one.wrappedKey), wrapping],
  })
  return result.rows
}

export async function readSubjectKeys(db: Queryable, subjectIndexes: readonly Buffer[]): Promise<DataKeyRow[]> {
  const result = await db.query<DataKeyRow>({
    name: 'privacy-read-subject-keys',
    text: `select key_id::text, kind, subject_index, wrapped_key from data_keys where subject_index = any ($1::bytea[])`,
    values: [subjectIndexes],
  })
  return result.rows
}

/**
 * Makes offered keys of people as a part of the statement that records what they sealed. `source` is a relation with the columns
 * subject_index, wrapped_key and wrapping. Returns key_id and subject_index of those that were made: where one is missing,
 * somebody else was first, and what it sealed must not be recorded. In the order of the subjects, so that two groups that share
 * some wait for each other instead of deadlocking.
 */
export function makeOfferedKeys(source: string): string {
  return `insert into data_keys (kind, subject_index, wrapped_key, wrapping)
    select 'subject', subject_index, wrapped_key, wrapping from ${source} order by subject_index
    on conflict (subject_index) where subject_index is not null do nothing
    returning key_id, subject_index`
}

export async function readDataKey(pool: Pool, keyId: string): Promise<DataKeyRow | undefined> {
  const result = await pool.query<DataKeyRow>({
    name: 'privacy-read-data-key',
    text: 'select key_id::text, kind, subject_index, wrapped_key from data_keys where key_id = $1',
    values: [keyId],
  })
  return result.rows[0]
}

/**
 * Forgets key and subject in one statement; the row stays, to say that there was a key. `madeUntil`: a younger one stays. It is
 * compared in milliseconds, which is all that a `Date` has.
 */
export async function destroySubjectKey(
  db: Queryable,
  subjectIndex: Buffer,
  madeUntil?: Date,
): Promise<string | undefined> {
  const result = await db.query<{ key_id: string }>(
    `update data_keys set wrapped_key = null, subject_index = null, destroyed_at = clock_timestamp()
     where subject_index = $1 and ($2::timestamptz is null or date_trunc('milliseconds', created_at) <= $2)
     returning key_id::text`,
    [subjectIndex, madeUntil ?? null],
  )
  return result.rows[0]?.key_id
}
