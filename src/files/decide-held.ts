import type { Pool } from 'pg'
import { discardHeldFile, resumeHeldFile } from './queries.ts'

/** What a person decides about a file that was stopped: its rest is recorded whatever is bad in it, or left. */
export type HeldDecision = 'resume' | 'discard'

/** False where no such file is held. `senderId` undefined: of every sender. */
export async function decideHeldFile(
  db: Pool,
  id: string,
  senderId: string | undefined,
  decision: HeldDecision,
): Promise<boolean> {
  return decision === 'resume' ? resumeHeldFile(db, id, senderId) : discardHeldFile(db, id, senderId)
}
