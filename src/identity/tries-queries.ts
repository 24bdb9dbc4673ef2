import type { Pool } from 'pg'

interface Limit {
  failuresMax: number
  lockMs: number
  lockMaxMs: number
  forgottenMs: number
}

/** Counts one more, and locks where it is the last that is allowed. Undefined: it is locked, and nothing was counted. */
export async function countTry(db: Pool, subjectHash: Buffer, limit: Limit): Promise<number | undefined> {
  const { failuresMax, lockMs, lockMaxMs, forgottenMs } = limit
  const { rows } = await db.query<{ failures: number }>(
    `insert into identity_tries as kept (subject_hash, failures) values ($1, 1)
     on conflict (subject_hash) do update set
       failures = case when kept.last_at < clock_timestamp() - $5 * interval '1 ms' then 1 else kept.failures + 1 end,
       last_at = clock_timestamp(),
       locked_until = case
         when kept.last_at >= clock_timestamp() - $5 * interval '1 ms' and kept.failures + 1 >= $2::integer
         then clock_timestamp() + least($4, $3 * power(2, least(kept.failures + 1 - $2::integer, 20))) * interval '1 ms'
       end
     where kept.locked_until is null or kept.locked_until <= clock_timestamp()
     returning failures`,
    [subjectHash, failuresMax, lockMs, lockMaxMs, forgottenMs],
  )
  return rows[0]?.failures
}

export async function readWaitMs(db: Pool, subjectHash: Buffer): Promise<number> {
  const { rows } = await db.query<{ wait_ms: number }>(
    `select greatest(0, extract(epoch from locked_until - clock_timestamp()) * 1000)::float8 as wait_ms
     from identity_tries where subject_hash = $1 and locked_until is not null`,
    [subjectHash],
  )
  return Math.ceil(rows[0]?.wait_ms ?? 0)
}

export async function deleteTries(db: Pool, subjectHash: Buffer): Promise<void> {
  await db.query('delete from identity_tries where subject_hash = $1', [subjectHash])
}

export async function giveTryBack(db: Pool, subjectHash: Buffer, count: number): Promise<void> {
  await db.query(
    `update identity_tries set failures = greatest(0, failures - $2), locked_until = null where subject_hash = $1`,
    [subjectHash, count],
  )
}

export async function deleteOldTries(db: Pool, keptMs: number, rowsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from identity_tries where subject_hash in (
       select subject_hash from identity_tries where last_at < clock_timestamp() - $1 * interval '1 ms' limit $2)`,
    [keptMs, rowsMax],
  )
  return rowCount ?? 0
}
