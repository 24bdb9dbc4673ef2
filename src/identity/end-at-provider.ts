import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import { hashSubject } from './people.ts'
import { deleteSessionsOfProvider } from './people-queries.ts'
import { createProviderStore } from './provider-store.ts'
import { hashProviderSession, recordEnds } from './sessions.ts'

/** What a provider says has ended there: a session, or all of somebody. One of both is there. */
export interface EndedAtProvider {
  issuer: string
  subject?: string
  /** As the ID tokens of that session name it: `sid`. */
  providerSession?: string
  /** Of this message alone: `jti`. */
  messageId: string
}

/** So long a message is known by its id: longer than one is taken, which is ten minutes and what clocks differ. */
const knownSeconds = 900

/**
 * Ends the sessions here that were begun by what has ended at the provider; resolves with how many there were. A session of the person of
 * which nobody knows by which one there it was begun ends too: once too often does no harm. Throws Problem `logout-token-invalid` for a
 * message that came before, in whatever process; one that could not be acted upon may come again.
 */
export async function endSessionsOfProvider(db: Pool, identityKey: KeyObject, ended: EndedAtProvider): Promise<number> {
  const { issuer, subject, providerSession, messageId } = ended
  return withTransaction(db, async (client) => {
    const messages = createProviderStore(client, identityKey, 'LogoutToken')
    if (!(await messages.put(`${issuer}\0${messageId}`, {}, knownSeconds, { onlyOnce: true })))
      throw new Problem('logout-token-invalid')
    const rows = await deleteSessionsOfProvider(client, {
      subjectHash: subject === undefined ? null : hashSubject(identityKey, { issuer, subject }),
      providerSessionHash:
        providerSession === undefined ? null : hashProviderSession(identityKey, { issuer, sid: providerSession }),
    })
    const by = { actor: 'identity-provider', act: 'session.end', reason: 'ended at the provider' } as const
    await recordEnds(client, rows, by)
    return rows.length
  })
}
