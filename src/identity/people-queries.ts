import type { ClientBase, Pool } from 'pg'
import type { Grant } from '../domain/grant.ts'

export type Queryable = Pool | ClientBase

/** Somebody signed in: known from now on, or known again under the same id. */
export async function upsertPerson(
  db: Queryable,
  {
    personId,
    subjectHash,
    sealed,
    accountId,
  }: { personId: string; subjectHash: Buffer; sealed: Buffer; accountId: string | null },
): Promise<string> {
  const { rows } = await db.query<{ person_id: string }>(
    `insert into identity_people (person_id, subject_hash, sealed, account_id) values ($1, $2, $3, $4)
     on conflict (subject_hash) do update set sealed = excluded.sealed, account_id = excluded.account_id,
       signed_in_at = clock_timestamp()
     returning person_id`,
    [personId, subjectHash, sealed, accountId],
  )
  return rows[0]?.person_id ?? personId
}

export interface SessionRow {
  session_id: string
  person_id: string | null
  break_glass_id: string | null
  grants: Grant[]
  sealed: Buffer
  created_at: Date
  seen_at: Date
  ends_at: Date
  /** Of the person; null: there is none. */
  subject_hash: Buffer | null
  person_sealed: Buffer | null
  /** Nobody wrote down for a minute that it is used. */
  is_stale: boolean
}

const columns = `s.session_id, s.person_id, s.break_glass_id, s.grants, s.sealed, s.created_at, s.seen_at, s.ends_at,
  p.subject_hash, p.sealed as person_sealed, s.seen_at < clock_timestamp() - interval '1 minute' as is_stale`

/** $1: so long nobody may have used it, in milliseconds. */
const isLive = `s.ends_at > clock_timestamp() and s.seen_at > clock_timestamp() - $1 * interval '1 ms'`

export async function insertSession(
  db: Queryable,
  session: {
    sessionId: string
    secretHash: Buffer
    personId: string | null
    breakGlassId: string | null
    grants: readonly Grant[]
    sealed: Buffer
    providerSessionHash: Buffer | null
    lifeMs: number
  },
): Promise<Date> {
  const { sessionId, secretHash, personId, breakGlassId, grants, sealed, providerSessionHash, lifeMs } = session
  const { rows } = await db.query<{ ends_at: Date }>(
    `insert into identity_sessions (session_id, secret_hash, person_id, break_glass_id, grants, sealed, provider_session_hash, ends_at)
     values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 ms') returning ends_at`,
    [sessionId, secretHash, personId, breakGlassId, JSON.stringify(grants), sealed, providerSessionHash, lifeMs],
  )
  return rows[0]?.ends_at ?? new Date(0)
}

export async function findSessionRow(
  db: Queryable,
  secretHash: Buffer,
  idleMs: number,
): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>({
    name: 'identity-find-session',
    text: `select ${columns} from identity_sessions s left join identity_people p using (person_id)
      where ${isLive} and s.secret_hash = $2`,
    values: [idleMs, secretHash],
  })
  return rows[0]
}

/** The newest first, those that have not ended. */
export async function selectSessions(db: Queryable, idleMs: number, limit: number): Promise<SessionRow[]> {
  const { rows } = await db.query<SessionRow>(
    `select ${columns} from identity_sessions s left join identity_people p using (person_id)
     where ${isLive} order by s.created_at desc limit $2`,
    [idleMs, limit],
  )
  return rows
}

export async function touchSession(db: Queryable, sessionId: string): Promise<void> {
  await db.query(
    `update identity_sessions set seen_at = clock_timestamp()
     where session_id = $1 and seen_at < clock_timestamp() - interval '1 minute'`,
    [sessionId],
  )
}

export interface EndedSession {
  session_id: string
  person_id: string | null
  break_glass_id: string | null
}

/** Nothing: all of them. */
export interface WhichSessions {
  sessionId?: string
  personId?: string
  /** Of the hub's own. */
  accountId?: string
}

/** Ends one session, those of a person or of an account, or all where nothing is said. */
export async function deleteSessions(
  db: Queryable,
  { sessionId, personId, accountId }: WhichSessions,
): Promise<EndedSession[]> {
  const { rows } = await db.query<EndedSession>(
    `delete from identity_sessions where ($1::uuid is null or session_id = $1) and ($2::uuid is null or person_id = $2)
       and ($3::uuid is null or person_id in (select person_id from identity_people where account_id = $3))
     returning session_id, person_id, break_glass_id`,
    [sessionId ?? null, personId ?? null, accountId ?? null],
  )
  return rows
}

/**
 * Ends sessions of a person, of a session at the provider, or of both; at least one is said. Of a person whose session there is named, those of
 * which it is not known go too.
 */
export async function deleteSessionsOfProvider(
  db: Queryable,
  { subjectHash, providerSessionHash }: { subjectHash: Buffer | null; providerSessionHash: Buffer | null },
): Promise<EndedSession[]> {
  const { rows } = await db.query<EndedSession>(
    `delete from identity_sessions where num_nonnulls($1::bytea, $2::bytea) > 0
       and ($1::bytea is null or person_id = (select person_id from identity_people where subject_hash = $1))
       and ($2::bytea is null or provider_session_hash = $2
         or ($1::bytea is not null and provider_session_hash is null))
     returning session_id, person_id, break_glass_id`,
    [subjectHash, providerSessionHash],
  )
  return rows
}

/** Deletes what has ended; returns how many rows went. */
export async function deleteEndedSessions(db: Queryable, idleMs: number, rowsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from identity_sessions where session_id in (
       select session_id from identity_sessions s where not (${isLive}) limit $2)`,
    [idleMs, rowsMax],
  )
  return rowCount ?? 0
}

export async function insertBreakGlass(
  db: Queryable,
  code: { breakGlassId: string; codeHash: Buffer; reason: string; issuedBy: string; lifeMs: number },
): Promise<Date> {
  const { breakGlassId, codeHash, reason, issuedBy, lifeMs } = code
  const { rows } = await db.query<{ expires_at: Date }>(
    `insert into identity_break_glass (break_glass_id, code_hash, reason, issued_by, expires_at)
     values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 ms') returning expires_at`,
    [breakGlassId, codeHash, reason, issuedBy, lifeMs],
  )
  return rows[0]?.expires_at ?? new Date(0)
}

/** Uses a code, once for all processes. Undefined: there is no such code, or it was used, or is over. */
export async function useBreakGlass(
  db: Queryable,
  codeHash: Buffer,
): Promise<{ break_glass_id: string; reason: string; issued_by: string } | undefined> {
  const { rows } = await db.query<{ break_glass_id: string; reason: string; issued_by: string }>(
    `update identity_break_glass set used_at = clock_timestamp()
     where code_hash = $1 and used_at is null and expires_at > clock_timestamp()
     returning break_glass_id, reason, issued_by`,
    [codeHash],
  )
  return rows[0]
}

/** Locks of a sign-in that is under way are passed over. */
export async function emptyPeople(db: Queryable, before: Date, rowsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `update identity_people set sealed = null where person_id in (
       select person_id from identity_people p where sealed is not null and signed_in_at < $1
         and not exists (select 1 from identity_sessions s where s.person_id = p.person_id)
       limit $2 for update skip locked)`,
    [before, rowsMax],
  )
  return rowCount ?? 0
}

export async function emptyBreakGlass(db: Queryable, before: Date, rowsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `update identity_break_glass set reason = null, issued_by = null where break_glass_id in (
       select break_glass_id from identity_break_glass where issued_by is not null and expires_at < $1
       limit $2 for update skip locked)`,
    [before, rowsMax],
  )
  return rowCount ?? 0
}
