import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import type { Grant } from '../domain/grant.ts'
import { type PersonIdentity, rememberPerson } from './people.ts'
import { type BegunSession, beginSession, endSessionsWithin } from './sessions.ts'

/** Somebody whom a provider vouches for. */
export interface VouchedPerson {
  identity: PersonIdentity
  /** Groups that the provider named. */
  groups: string[]
  /** What these come to here; empty: nothing. */
  grants: readonly Grant[]
  idToken?: string
  /** The issuer as the settings name it. */
  provider: string
  /** Of the hub's own. */
  accountId?: string
  /** Seconds of the epoch at which they showed who they are, as the provider said. */
  signedInAtSeconds?: number
  /** Its own session, as the provider names it. */
  sid?: string
}

/**
 * Begins a session of somebody whom a provider vouches for, and writes down who signed in with which roles. Throws Problem `sign-in-no-role`
 * for one who may do nothing here, which is written down too and ends the sessions that are still open.
 */
export async function signInPerson(
  db: Pool,
  identityKey: KeyObject,
  { identity, accountId, grants, sid, ...said }: VouchedPerson,
  { lifeMs }: { lifeMs: number },
): Promise<BegunSession> {
  const begun = await withTransaction(db, async (client) => {
    const personId = await rememberPerson(client, identityKey, identity, accountId)
    const actor = `person:${personId}`
    if (grants.length === 0) {
      await recordAct(client, { actor, act: 'person.refuse', object: actor, details: { because: 'no-role' } })
      // In other browsers too: what they could do when they came last they cannot do any more.
      await endSessionsWithin(client, { personId }, { actor, act: 'session.end', reason: 'no role any more' })
      return undefined
    }
    const providerSession = sid === undefined ? undefined : { issuer: identity.issuer, sid }
    const session = await beginSession(client, identityKey, {
      ...{ personId, grants, details: said, lifeMs },
      ...(providerSession && { providerSession }),
    })
    await recordAct(client, {
      ...{ actor, act: 'person.sign-in', object: `session:${session.sessionId}` },
      details: { grants, endsAt: session.endsAt.toISOString() },
    })
    return session
  })
  // Outside, so that the refusal stays written down.
  if (!begun) throw new Problem('sign-in-no-role')
  return begun
}
