import { createHash, createHmac, type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import type { Grant } from '../domain/grant.ts'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import { openBytes, sealBytes } from '../privacy/encryption/sealed-bytes.ts'
import { openPerson, type PersonIdentity } from './people.ts'
import * as sql from './people-queries.ts'

/** What is kept of a sign-in beside who it is and what they may do. */
export interface SessionDetails {
  /** As the provider said. */
  groups?: string[]
  /** By which the provider knows what to end. */
  idToken?: string
  /** The issuer as the settings named it: with another provider the session is worth nothing. */
  provider?: string
  /** Seconds of the epoch at which they showed who they are, as the provider said. */
  signedInAtSeconds?: number
}

/** A session of a browser that has not ended. */
export interface Session {
  sessionId: string
  /** As audit acts name them: `person:<id>`, or `break-glass:<id>`. */
  actor: string
  /** Undefined: somebody broke the glass. */
  person?: PersonIdentity
  /** As they were at sign-in; where they end is looked up each time. */
  grants: Grant[]
  details: SessionDetails
  createdAt: Date
  seenAt: Date
  endsAt: Date
}

export type NewSession = { grants: readonly Grant[]; details: SessionDetails; lifeMs: number } & (
  | { personId: string; providerSession?: ProviderSession }
  | { breakGlassId: string }
)

/** By which session at which provider somebody signed in. */
export interface ProviderSession {
  issuer: string
  sid: string
}

export interface BegunSession {
  sessionId: string
  /** For the cookie: returned here and never again. */
  secret: string
  endsAt: Date
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const secretForm = /^[A-Za-z0-9_-]{43}$/
const listMax = 10_000

export async function beginSession(
  db: sql.Queryable,
  identityKey: KeyObject,
  session: NewSession,
): Promise<BegunSession> {
  const { grants, details, lifeMs } = session
  const providerSession = 'providerSession' in session ? session.providerSession : undefined
  const [sessionId, secret] = [randomUUID(), randomBytes(32).toString('base64url')]
  const endsAt = await sql.insertSession(db, {
    sessionId,
    secretHash: hashSecret(secret),
    personId: 'personId' in session ? session.personId : null,
    breakGlassId: 'breakGlassId' in session ? session.breakGlassId : null,
    grants,
    sealed: sealBytes(sealKeyOf(identityKey), Buffer.from(JSON.stringify(details)), sessionId),
    providerSessionHash: providerSession ? hashProviderSession(identityKey, providerSession) : null,
    lifeMs,
  })
  return { sessionId, secret, endsAt }
}

/** The session of a secret; undefined: there is none, or it has ended. That it is used is written down once a minute at most. */
export async function findSession(
  db: sql.Queryable,
  identityKey: KeyObject,
  secret: string,
  { idleMs }: { idleMs: number },
): Promise<Session | undefined> {
  if (!secretForm.test(secret)) return undefined
  const row = await sql.findSessionRow(db, hashSecret(secret), idleMs)
  if (!row) return undefined
  if (row.is_stale) await sql.touchSession(db, row.session_id)
  return sessionOf(identityKey, row)
}

/** Those that have not ended, the newest first. */
export async function listSessions(db: Pool, identityKey: KeyObject, idleMs: number): Promise<Session[]> {
  return (await sql.selectSessions(db, idleMs, listMax)).map((row) => sessionOf(identityKey, row))
}

/** Who ends a session, and why. */
export interface EndAct {
  actor: string
  act: 'session.sign-out' | 'session.end'
  reason?: string
}

/** Ends a session at once, for every process. Throws Problem `not-found` where there is none. */
export async function endSession(db: Pool, sessionId: string, by: EndAct): Promise<void> {
  if (!uuid.test(sessionId)) throw new Problem('not-found', 'There is no such session, or it has ended.')
  if ((await endRows(db, { sessionId }, by)) === 0)
    throw new Problem('not-found', 'There is no such session, or it has ended.')
}

/** Ends all sessions, or those of one person by id; resolves with how many there were. */
export async function endAllSessions(db: Pool, by: EndAct, { personId }: { personId?: string } = {}): Promise<number> {
  if (personId !== undefined && !uuid.test(personId)) return 0
  return endRows(db, personId === undefined ? {} : { personId }, by)
}

async function endRows(db: Pool, which: sql.WhichSessions, by: EndAct): Promise<number> {
  return withTransaction(db, (client) => endSessionsWithin(client, which, by))
}

/** Ends sessions in the transaction of what they end for; resolves with how many there were. */
export async function endSessionsWithin(client: ClientBase, which: sql.WhichSessions, by: EndAct): Promise<number> {
  const ended = await sql.deleteSessions(client, which)
  await recordEnds(client, ended, by)
  return ended.length
}

/** Writes down who ended sessions that are ended in the same transaction. */
export async function recordEnds(client: ClientBase, ended: readonly sql.EndedSession[], by: EndAct): Promise<void> {
  for (const row of ended) {
    await recordAct(client, { ...by, object: `session:${row.session_id}`, details: { of: actorOf(row) } })
  }
}

/** By which a provider can say what has ended; the table does not tell how it names its sessions. */
export function hashProviderSession(identityKey: KeyObject, { issuer, sid }: ProviderSession): Buffer {
  return createHmac('sha256', deriveKey(identityKey, 'provider sessions')).update(`${issuer}\0${sid}`).digest()
}

/** Deletes what has ended; resolves with how many rows went. */
export async function pruneSessions(db: Pool, idleMs: number, rowsMax: number): Promise<number> {
  return sql.deleteEndedSessions(db, idleMs, rowsMax)
}

/** What a form of a page has in it, so that it is one that this session was shown. */
export function formTokenOf(identityKey: KeyObject, { sessionId }: Pick<Session, 'sessionId'>): string {
  return createHmac('sha256', deriveKey(identityKey, 'form tokens')).update(sessionId).digest('base64url')
}

function sessionOf(identityKey: KeyObject, row: sql.SessionRow): Session {
  return {
    sessionId: row.session_id,
    actor: actorOf(row),
    ...(row.subject_hash &&
      row.person_sealed && { person: openPerson(identityKey, row.subject_hash, row.person_sealed) }),
    grants: row.grants,
    details: JSON.parse(openBytes(sealKeyOf(identityKey), row.sealed, row.session_id).toString()) as SessionDetails,
    createdAt: row.created_at,
    seenAt: row.is_stale ? new Date() : row.seen_at,
    endsAt: row.ends_at,
  }
}

function actorOf({ person_id, break_glass_id }: sql.EndedSession): string {
  return person_id === null ? `break-glass:${break_glass_id}` : `person:${person_id}`
}

/** A random secret of 256 bits needs no slow hash: there is nothing to guess. */
function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

function sealKeyOf(identityKey: KeyObject): KeyObject {
  return deriveKey(identityKey, 'sessions')
}
