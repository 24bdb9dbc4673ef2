import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import { endSession, listSessions } from './sessions.ts'

/** Longer than any session lasts. */
const everMs = 30 * 86_400_000

/** Ends the sessions of somebody with an account of the hub's own: what he may do is not what it was when he signed in. */
export async function endSessionsOfAccount(
  db: Pool,
  identityKey: KeyObject,
  accountId: string,
  by: { actor: string; reason?: string },
): Promise<number> {
  const sessions = await listSessions(db, identityKey, everMs)
  const his = sessions.filter(({ person }) => person?.subject === accountId)
  for (const { sessionId } of his) await endSession(db, sessionId, { ...by, act: 'session.end' })
  return his.length
}
