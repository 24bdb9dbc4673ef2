import { createHmac, type KeyObject, randomInt, randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { actTextLengthMax, recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import * as sql from './people-queries.ts'
import { type BegunSession, beginSession } from './sessions.ts'

/** Without the letters and digits that people take for one another. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** 130 bits: there is nothing to guess, so no tries are counted beside those of an address. */
const codeLength = 26
const codeLifeMs = 900_000
export const breakGlassSessionMs = 3_600_000

/**
 * Makes a one-time code that lets an administrator in without a provider, for whoever may use the machine, its database and its master key
 * anyway. Its text is returned here and never again. Throws Problem `request-invalid` without a reason.
 */
export async function breakGlass(
  db: Pool,
  identityKey: KeyObject,
  { reason, actor }: { reason: string; actor: string },
): Promise<{ breakGlassId: string; code: string; expiresAt: Date }> {
  if (reason.trim() === '' || reason.length > actTextLengthMax)
    throw new Problem('request-invalid', `Say why, in 1 to ${actTextLengthMax} characters.`)
  const breakGlassId = randomUUID()
  const code = Array.from({ length: codeLength }, () => letters[randomInt(letters.length)]).join('')
  const expiresAt = await withTransaction(db, async (client) => {
    const codeHash = hashCode(identityKey, code)
    const ends = await sql.insertBreakGlass(client, {
      ...{ breakGlassId, codeHash, reason, issuedBy: actor, lifeMs: codeLifeMs },
    })
    await recordAct(client, { actor, act: 'break-glass.issue', object: `break-glass:${breakGlassId}`, reason })
    return ends
  })
  return { breakGlassId, code: code.replace(/(.{4})(?=.)/g, '$1-'), expiresAt }
}

export interface BrokenGlass extends BegunSession {
  breakGlassId: string
  reason: string
  issuedBy: string
}

/** Uses a code, once, for a session of an hour that may do everything. Throws Problem `break-glass-code-invalid`. */
export async function redeemBreakGlass(db: Pool, identityKey: KeyObject, typed: string): Promise<BrokenGlass> {
  const broken = await withTransaction(db, async (client) => {
    const used = await sql.useBreakGlass(client, hashCode(identityKey, typed))
    if (!used) return undefined
    const { break_glass_id: breakGlassId, reason, issued_by: issuedBy } = used
    const session = await beginSession(client, identityKey, {
      ...{ breakGlassId, grants: [{ role: 'admin' }], details: {}, lifeMs: breakGlassSessionMs },
    })
    const actor = `break-glass:${breakGlassId}`
    await recordAct(client, {
      ...{ actor, act: 'break-glass.sign-in', object: `session:${session.sessionId}`, reason },
      details: { issuedBy, endsAt: session.endsAt.toISOString() },
    })
    return { ...session, breakGlassId, reason, issuedBy }
  })
  if (!broken) throw new Problem('break-glass-code-invalid')
  return broken
}

/** Of what somebody types: without hyphens and blanks, and with the letters meant that look like a digit. */
function hashCode(identityKey: KeyObject, typed: string): Buffer {
  const code = typed.slice(0, 200).toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return createHmac('sha256', deriveKey(identityKey, 'break-glass codes')).update(code).digest()
}
