import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import { recordAct } from '../acts.ts'
import { type Sealing, sealRotation } from './seal.ts'
import { whileSealing } from './seal-lock.ts'

export interface Rotation {
  from: string
  to: string
  /** The checkpoint in which the old key names the new one. */
  checkpoint: number
}

/**
 * Makes a new signing key, which the old one signs into the chain, and destroys the old one. Throws Problem `audit-no-key` where
 * nothing was ever sealed, `audit-being-sealed` where the sealer is at work.
 */
export async function rotateKey(
  pool: Pool,
  sealing: Sealing,
  by: { actor: string; reason: string },
): Promise<Rotation> {
  const rotated = await whileSealing(pool, (client) =>
    sealRotation(client, sealing, ({ from, to, checkpoint }) =>
      recordAct(client, {
        ...by,
        act: 'audit.rotate-key',
        object: 'audit:key',
        before: { key: from },
        after: { key: to },
        details: { checkpoint },
      }),
    ),
  )
  if (!rotated) throw new Problem('audit-being-sealed')
  return rotated
}
