import type { Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { withTransaction } from '../database/pool.ts'
import { discardHeldFile, lockHeldFile, resumeHeldFile } from './queries.ts'

/** What a person decides about a file that was stopped: its rest is recorded whatever is bad in it, or left. */
export type HeldDecision = 'resume' | 'discard'

/**
 * Decides about a held file and writes down who did, with what the file was held for: a resumed file does not say it any more. False
 * where no such file is held. `senderId` undefined: of every sender.
 */
export async function decideHeldFile(
  db: Pool,
  id: string,
  senderId: string | undefined,
  { decision, actor }: { decision: HeldDecision; actor: string },
): Promise<boolean> {
  return withTransaction(db, async (client) => {
    const held = await lockHeldFile(client, id, senderId)
    if (!held) return false
    await (decision === 'resume' ? resumeHeldFile(client, id, senderId) : discardHeldFile(client, id, senderId))
    const { source, problem, slices } = held
    const details = { source, problem, slices: Number(slices) }
    const before = { state: 'held' }
    const after = { state: decision === 'resume' ? 'waiting' : 'rejected' }
    await recordAct(client, { actor, act: `file.${decision}`, object: `file:${id}`, before, after, details })
    return true
  })
}
