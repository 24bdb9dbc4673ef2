import type { Pool } from 'pg'

export interface DataKeyRow {
  key_id: string
  kind: 'data' | 'subject'
  subject_index: Buffer | null
  /** `null` once destroyed. */
  wrapped_key: Buffer | null
}

/** Keeps the first check value that was ever offered, and returns it. */
export async function readOrKeepKeyCheck(pool: Pool, keyCheck: Buffer): Promise<Buffer | undefined> {
  await pool.query('insert into vault_check (key_check) values ($1) on conflict do nothing', [keyCheck])
  const result = await pool.query<{ key_check: Buffer }>('select key_check from vault_check')
  return result.rows[0]?.key_check
}

export async function insertDataKey(pool: Pool, wrappedKey: Buffer): Promise<string> {
  const result = await pool.query<{ key_id: string }>(
    `insert into data_keys (kind, wrapped_key) values ('data', $1) returning key_id::text`,
    [wrappedKey],
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
): Promise<DataKeyRow[]> {
  const result = await pool.query<DataKeyRow>({
    name: 'privacy-create-subject-keys',
    text: `
      with offered as (
        select subject_index, wrapped_key from unnest($1::bytea[], $2::bytea[]) as o (subject_index, wrapped_key)
      ), found as (
        select key_id, kind, subject_index, wrapped_key from data_keys where subject_index = any ($1::bytea[])
      ), created as (
        insert into data_keys (kind, subject_index, wrapped_key)
        select 'subject', subject_index, wrapped_key from offered
        where subject_index not in (select subject_index from found)
        order by subject_index
        on conflict (subject_index) where subject_index is not null do nothing
        returning key_id, kind, subject_index, wrapped_key
      )
      select key_id::text, kind, subject_index, wrapped_key from found
      union all
      select key_id::text, kind, subject_index, wrapped_key from created`,
    values: [offered.map((one) => one.subjectIndex), offered.map((one) => one.wrappedKey)],
  })
  return result.rows
}

export async function readSubjectKeys(pool: Pool, subjectIndexes: readonly Buffer[]): Promise<DataKeyRow[]> {
  const result = await pool.query<DataKeyRow>(
    `select key_id::text, kind, subject_index, wrapped_key from data_keys where subject_index = any ($1::bytea[])`,
    [subjectIndexes],
  )
  return result.rows
}

export async function readDataKey(pool: Pool, keyId: string): Promise<DataKeyRow | undefined> {
  const result = await pool.query<DataKeyRow>({
    name: 'privacy-read-data-key',
    text: 'select key_id::text, kind, subject_index, wrapped_key from data_keys where key_id = $1',
    values: [keyId],
  })
  return result.rows[0]
}

/** Forgets key and subject in one statement; the row stays, to say that there was a key. */
export async function destroySubjectKey(pool: Pool, subjectIndex: Buffer): Promise<string | undefined> {
  const result = await pool.query<{ key_id: string }>(
    `update data_keys set wrapped_key = null, subject_index = null, destroyed_at = clock_timestamp()
     where subject_index = $1 returning key_id::text`,
    [subjectIndex],
  )
  return result.rows[0]?.key_id
}
