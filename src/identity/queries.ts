import type { ClientBase, Pool } from 'pg'
import type { PublicJwk } from './public-key.ts'

export type Queryable = Pool | ClientBase

export interface ClientRow {
  client_id: string
  kind: 'till' | 'machine'
  name: string
  jwks: { keys: PublicJwk[] }
  scopes: string[]
  stores: string[] | null
  workstation_id: string | null
  binding: 'bearer' | 'dpop' | 'mtls'
  created_at: Date
  revoked_at: Date | null
}

const clientColumns = 'client_id, kind, name, jwks, scopes, stores, workstation_id, binding, created_at, revoked_at'

export async function insertClient(db: Queryable, row: Omit<ClientRow, 'created_at' | 'revoked_at'>): Promise<void> {
  const { client_id, kind, name, jwks, scopes, stores, workstation_id, binding } = row
  await db.query(
    `insert into identity_clients (client_id, kind, name, jwks, scopes, stores, workstation_id, binding)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [client_id, kind, name, JSON.stringify(jwks), scopes, stores, workstation_id, binding],
  )
}

/** One that may come in. */
export async function findClient(db: Queryable, clientId: string): Promise<ClientRow | undefined> {
  const { rows } = await db.query<ClientRow>({
    name: 'identity-find-client',
    text: `select ${clientColumns} from identity_clients where client_id = $1 and revoked_at is null`,
    values: [clientId],
  })
  return rows[0]
}

export interface ClientPage {
  kind: ClientRow['kind']
  /** Of tills; undefined: of every store. */
  stores: readonly string[] | undefined
  /** The id of the last one of the page before. */
  before: string | undefined
  limit: number
}

export async function selectClients(db: Queryable, { kind, stores, before, limit }: ClientPage): Promise<ClientRow[]> {
  const { rows } = await db.query<ClientRow>(
    `select ${clientColumns} from identity_clients
     where kind = $1 and ($2::text[] is null or stores[1] = any($2)) and ($3::uuid is null
       or (created_at, client_id) < (select last.created_at, last.client_id from identity_clients last where last.client_id = $3))
     order by created_at desc, client_id desc limit $4`,
    [kind, stores ?? null, before ?? null, limit],
  )
  return rows
}

export async function revokeClientRow(
  db: Queryable,
  { clientId, kind, stores }: { clientId: string; kind: string | undefined; stores: readonly string[] | undefined },
): Promise<ClientRow | undefined> {
  const { rows } = await db.query<ClientRow>(
    `update identity_clients set revoked_at = clock_timestamp()
     where client_id = $1 and ($2::text is null or kind = $2) and ($3::text[] is null or stores[1] = any($3)) and revoked_at is null
     returning ${clientColumns}`,
    [clientId, kind ?? null, stores ?? null],
  )
  return rows[0]
}

export async function revokeTillRow(db: Queryable, store: string, till: string): Promise<ClientRow | undefined> {
  const { rows } = await db.query<ClientRow>(
    `update identity_clients set revoked_at = clock_timestamp()
     where kind = 'till' and stores[1] = $1 and workstation_id = $2 and revoked_at is null returning ${clientColumns}`,
    [store, till],
  )
  return rows[0]
}

/** Serves the list of revoked clients that every process keeps: those whose last token may not have ended. */
export async function selectRevokedIds(db: Queryable, withinMs: number): Promise<string[]> {
  const { rows } = await db.query<{ client_id: string }>(
    `select client_id from identity_clients where revoked_at > clock_timestamp() - $1 * interval '1 ms'`,
    [withinMs],
  )
  return rows.map(({ client_id }) => client_id)
}

export interface CodeRow {
  code_id: string
  store_id: string
  workstation_id: string
  /** Null: it is for a key. */
  code_hash: Buffer | null
  key_thumbprint: string | null
  wrong_tries: number
  is_over: boolean
}

const codeColumns = `code_id, store_id, workstation_id, code_hash, key_thumbprint, wrong_tries,
  expires_at <= clock_timestamp() as is_over`

/** An invitation of a till, by a code or for a key. */
export interface NewCode {
  codeId: string
  store: string
  till: string
  codeHash: Buffer | null
  keyThumbprint: string | null
  lifeMs: number
}

export async function replaceCode(db: Queryable, code: NewCode): Promise<Date> {
  const { codeId, store, till, codeHash, keyThumbprint, lifeMs } = code
  const { rows } = await db.query<{ expires_at: Date }>(
    `insert into identity_enrolment_codes (code_id, store_id, workstation_id, code_hash, key_thumbprint, expires_at)
     values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 ms')
     on conflict (store_id, workstation_id) where used_at is null do update
       set code_id = excluded.code_id, code_hash = excluded.code_hash, key_thumbprint = excluded.key_thumbprint,
           wrong_tries = 0, created_at = clock_timestamp(), expires_at = excluded.expires_at
     returning expires_at`,
    [codeId, store, till, codeHash, keyThumbprint, lifeMs],
  )
  return rows[0]?.expires_at ?? new Date(0)
}

/** The open invitation of a till, locked: tries of one code come one after the other, or five would be many. */
export async function lockCode(db: Queryable, store: string, till: string): Promise<CodeRow | undefined> {
  const { rows } = await db.query<CodeRow>(
    `select ${codeColumns} from identity_enrolment_codes
     where store_id = $1 and workstation_id = $2 and used_at is null for update`,
    [store, till],
  )
  return rows[0]
}

/** An open invitation by its id, locked. */
export async function lockCodeById(db: Queryable, codeId: string): Promise<CodeRow | undefined> {
  const { rows } = await db.query<CodeRow>(
    `select ${codeColumns} from identity_enrolment_codes where code_id = $1 and used_at is null for update`,
    [codeId],
  )
  return rows[0]
}

export async function countWrongTry(db: Queryable, codeId: string): Promise<void> {
  await db.query('update identity_enrolment_codes set wrong_tries = wrong_tries + 1 where code_id = $1', [codeId])
}

export async function useCode(db: Queryable, codeId: string): Promise<void> {
  await db.query('update identity_enrolment_codes set used_at = clock_timestamp() where code_id = $1', [codeId])
}

export interface SigningKeyRow {
  kid: string
  public_jwk: PublicJwk
  sealed_private: Buffer | null
  created_at: Date
  active_from: Date | null
  /** When another key takes or took its place; null: none does yet. */
  replaced_at: Date | null
  withdrawn_at: Date | null
}

/** Keys that may still matter, newest first. */
export async function selectSigningKeys(db: Queryable, keptMs: number): Promise<SigningKeyRow[]> {
  const { rows } = await db.query<SigningKeyRow>(
    `select kid, public_jwk, sealed_private, created_at, active_from, replaced_at, withdrawn_at from (
       select *, lead(active_from) over (order by active_from nulls last) as replaced_at from identity_signing_keys
     ) as keys
     where withdrawn_at is null and (replaced_at is null or replaced_at > clock_timestamp() - $1 * interval '1 ms')
     order by created_at desc`,
    [keptMs],
  )
  return rows
}

/** Whoever makes or turns keys holds this until its transaction ends. */
export async function lockSigningKeys(db: Queryable): Promise<void> {
  await db.query("select pg_advisory_xact_lock(hashtextextended('tillflow identity signing keys', 0))")
}

export async function insertSigningKey(
  db: Queryable,
  key: { kid: string; publicJwk: PublicJwk; sealedPrivate: Buffer; isActive: boolean },
): Promise<void> {
  await db.query(
    `insert into identity_signing_keys (kid, public_jwk, sealed_private, active_from)
     values ($1, $2, $3, case when $4 then clock_timestamp() end)`,
    [key.kid, JSON.stringify(key.publicJwk), key.sealedPrivate, key.isActive],
  )
}

/** Whether a key signs, and none began to within this time. */
export async function isRotationDue(db: Queryable, everyMs: number): Promise<boolean> {
  const { rows } = await db.query<{ is_due: boolean }>(
    `select coalesce(max(active_from) <= clock_timestamp() - $1 * interval '1 ms', false) as is_due
     from identity_signing_keys where withdrawn_at is null`,
    [everyMs],
  )
  return rows[0]?.is_due === true
}

/** Lets the published key sign as soon as everybody knows it. Undefined: there is none. */
export async function activateNextKey(
  db: Queryable,
  publishedMs: number,
): Promise<{ kid: string; active_from: Date } | undefined> {
  const { rows } = await db.query<{ kid: string; active_from: Date }>(
    `update identity_signing_keys
     set active_from = greatest(clock_timestamp(), created_at + $1 * interval '1 ms')
     where active_from is null and withdrawn_at is null returning kid, active_from`,
    [publishedMs],
  )
  return rows[0]
}

export async function withdrawUsedKeys(db: Queryable, exceptKid: string): Promise<string[]> {
  const { rows } = await db.query<{ kid: string }>(
    `update identity_signing_keys set withdrawn_at = clock_timestamp(), sealed_private = null
     where active_from is not null and kid <> $1 and withdrawn_at is null returning kid`,
    [exceptKid],
  )
  return rows.map(({ kid }) => kid)
}

/** Forgets private parts that sign nothing any more. */
export async function forgetOldKeys(db: Queryable, keptMs: number): Promise<void> {
  await db.query(
    `update identity_signing_keys as old set sealed_private = null
     where sealed_private is not null and active_from is not null and exists (
       select from identity_signing_keys as newer
       where newer.active_from > old.active_from and newer.active_from < clock_timestamp() - $1 * interval '1 ms')`,
    [keptMs],
  )
}
