import type { ClientBase, Pool } from 'pg'
import { type ChainEnd, countUnsealed, readChainEnd, type Sealing, sealNext } from './seal.ts'
import { whileSealing } from './seal-lock.ts'
import { checkShipped, readShipped, shipCheckpoints } from './ship.ts'

export interface SealWhenDue extends Sealing {
  /** Longest time that an entry waits for its seal. */
  everyMs: number
  /** Where checkpoints are kept outside the database. */
  file: string
}

/**
 * Makes one checkpoint, where it is time for one, and brings the file up to it. Gives back how many entries were sealed; nothing is
 * done where another process is at it. Throws Problem `audit-file-disagrees` before anything is sealed.
 */
export async function sealWhenDue(pool: Pool, options: SealWhenDue): Promise<number> {
  const sealed = await whileSealing(pool, async (client) => {
    // Read anew each time: somebody may have put the file away, and another process write to the same one.
    const shipped = await readShipped(options.file)
    await checkShipped(client, shipped)
    const end = await readChainEnd(client)
    const count = (await isDue(client, options, end)) ? await sealNext(client, options, end) : 0
    await shipCheckpoints(client, options.file, shipped)
    return count
  })
  return sealed ?? 0
}

async function isDue(client: ClientBase, { everyMs, entriesMax, clock }: SealWhenDue, end: ChainEnd): Promise<boolean> {
  const { count } = await countUnsealed(client, end.reach, entriesMax)
  if (count === 0 || count >= entriesMax) return count > 0
  return end.at === undefined || clock.now() - Date.parse(end.at) >= everyMs
}
