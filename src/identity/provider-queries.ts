import type { Queryable } from './queries.ts'

export interface StateRow {
  id_hash: Buffer
  sealed: Buffer
  consumed_at: Date | null
}

export interface NewState {
  model: string
  idHash: Buffer
  sealed: Buffer
  grantHash: Buffer | null
  uidHash: Buffer | null
  codeHash: Buffer | null
  /** Null: it has no end. */
  lifeSeconds: number | null
}

const insertText = `
  insert into identity_provider_state as kept (model, id_hash, sealed, grant_hash, uid_hash, code_hash, expires_at)
  values ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 second')
  on conflict (model, id_hash) do update
    set sealed = excluded.sealed, grant_hash = excluded.grant_hash, uid_hash = excluded.uid_hash,
        code_hash = excluded.code_hash, expires_at = excluded.expires_at`

const valuesOf = (state: NewState) => [
  state.model,
  state.idHash,
  state.sealed,
  state.grantHash,
  state.uidHash,
  state.codeHash,
  state.lifeSeconds,
]

export async function upsertState(db: Queryable, state: NewState): Promise<boolean> {
  await db.query({ name: 'identity-upsert-state', text: insertText, values: valuesOf(state) })
  return true
}

/** False: it is there and has not ended. One statement, so that of two at the same moment only one is first. */
export async function insertState(db: Queryable, state: NewState): Promise<boolean> {
  const text = `${insertText} where kept.expires_at <= clock_timestamp()`
  const { rowCount } = await db.query({ name: 'identity-insert-state', text, values: valuesOf(state) })
  return rowCount === 1
}

export async function findState(
  db: Queryable,
  model: string,
  column: 'id_hash' | 'uid_hash' | 'code_hash',
  hash: Buffer,
): Promise<StateRow | undefined> {
  const { rows } = await db.query<StateRow>({
    name: `identity-find-state-${column}`,
    text: `select id_hash, sealed, consumed_at from identity_provider_state
           where model = $1 and ${column} = $2 and (expires_at is null or expires_at > clock_timestamp())`,
    values: [model, hash],
  })
  return rows[0]
}

/** False: it was asked for sooner than it may be, and may be so less often from now on (RFC 8628, 3.5). */
export async function noteAsking(db: Queryable, model: string, idHash: Buffer): Promise<boolean> {
  const { rows } = await db.query<{ is_too_soon: boolean }>(
    `with before as (
       select id_hash, asked_at > clock_timestamp() - ask_every_seconds * interval '1 s' + $3 * interval '1 ms' as is_too_soon
       from identity_provider_state where model = $1 and id_hash = $2 for update
     )
     update identity_provider_state as kept
     set asked_at = clock_timestamp(),
         ask_every_seconds = least($4, kept.ask_every_seconds + case when before.is_too_soon then 5 else 0 end)
     from before where kept.model = $1 and kept.id_hash = before.id_hash
     returning coalesce(before.is_too_soon, false) as is_too_soon`,
    [model, idHash, askToleranceMs, askEverySecondsMax],
  )
  return rows[0]?.is_too_soon !== true
}

/** Two requests on one line are not as far from one another as they were sent. */
const askToleranceMs = 500
const askEverySecondsMax = 60

/** How many there are that were not used and do not end within these seconds. */
export async function countUnused(db: Queryable, model: string, seconds: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::integer as count from identity_provider_state
     where model = $1 and consumed_at is null and expires_at > clock_timestamp() + $2 * interval '1 s'`,
    [model, seconds],
  )
  return rows[0]?.count ?? 0
}

export async function consumeState(db: Queryable, model: string, idHash: Buffer): Promise<boolean> {
  const { rowCount } = await db.query(
    `update identity_provider_state set consumed_at = clock_timestamp()
     where model = $1 and id_hash = $2 and consumed_at is null`,
    [model, idHash],
  )
  return rowCount === 1
}

export async function deleteState(db: Queryable, model: string, idHash: Buffer): Promise<void> {
  await db.query('delete from identity_provider_state where model = $1 and id_hash = $2', [model, idHash])
}

export async function deleteGrant(db: Queryable, model: string, grantHash: Buffer): Promise<void> {
  await db.query('delete from identity_provider_state where model = $1 and grant_hash = $2', [model, grantHash])
}

/** A short transaction: a long one would hold the readers of the journal back. */
export async function deleteEnded(db: Queryable, rowsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from identity_provider_state where (model, id_hash) in (
       select model, id_hash from identity_provider_state where expires_at < clock_timestamp() limit $1)`,
    [rowsMax],
  )
  return rowCount ?? 0
}
