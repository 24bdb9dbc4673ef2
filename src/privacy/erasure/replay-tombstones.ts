import type { Pool } from 'pg'
import { bury } from './begin-erasure.ts'
import type { ErasureHouse } from './house.ts'
import { inTransaction } from './in-transaction.ts'
import { findErasureIds, findOpenErasure, insertErasure, lockSubject, readAllErasures } from './queries.ts'
import { runErasure } from './run-erasure.ts'
import { readTombstoneIds, type Tombstone } from './tombstone-file.ts'

/** Erasures that the file knows and the database does not: it was restored from an older copy. Throws `tombstones-unreadable`. */
export async function findMissingTombstones(house: Pick<ErasureHouse, 'pool' | 'tombstones'>): Promise<Tombstone[]> {
  const inFile = await house.tombstones.read()
  const known = await findErasureIds(house.pool, [...inFile.keys()])
  return [...inFile.values()].filter(({ erasureId }) => !known.has(erasureId))
}

/** How many erasures a file names that a database lacks, for a process without the key of the file. Throws `tombstones-unreadable`. */
export async function countMissingTombstones(pool: Pool, path: string): Promise<number> {
  const inFile = new Set(await readTombstoneIds(path))
  const known = await findErasureIds(pool, [...inFile])
  return [...inFile].filter((erasureId) => !known.has(erasureId)).length
}

/** Gives the file what only the database knows: it is new on this machine, or was lost. */
export async function completeTombstones(house: Pick<ErasureHouse, 'pool' | 'tombstones'>): Promise<void> {
  await bury(house, await readAllErasures(house.pool))
}

/** A restored copy may bring thousands back, and each waits much. Each may need two connections; a command has four. */
const replaysAtOnce = 2

/** Erases again whom a restored copy brought back. Returns whose erasures they are. A hold does not stop it: it was decided then. */
export async function replayTombstones(house: ErasureHouse, actor: string): Promise<string[]> {
  const missing = await findMissingTombstones(house)
  // Who was erased twice is erased twice again, one after the other.
  const persons = Map.groupBy(missing, ({ subjectIndex }) => subjectIndex.toString('hex')).values()
  const replayed: string[] = []
  const work = async () => {
    for (const tombstones of persons) {
      for (const tombstone of tombstones) {
        await replayOne(house, actor, tombstone)
        replayed.push(tombstone.erasureId)
      }
    }
  }
  await Promise.all(Array.from({ length: replaysAtOnce }, work))
  return replayed
}

async function replayOne(house: ErasureHouse, actor: string, tombstone: Tombstone): Promise<void> {
  const { erasureId, kind, reference, subjectIndex, requestedAt } = tombstone
  const reason = 'replayed from the file of tombstones'
  const openId = await inTransaction(house.pool, async (client) => {
    await lockSubject(client, subjectIndex)
    const open = await findOpenErasure(client, subjectIndex)
    if (open) return open.erasure_id
    await insertErasure(client, { erasureId, subjectIndex, kind, reference, reason, actor, requestedAt })
    return erasureId
  })
  // One that was under way in the copy comes to its end first, and leaves nothing to this one.
  if (openId !== erasureId) {
    await runErasure({ ...house, settleMs: 0 }, openId)
    await insertErasure(house.pool, { erasureId, subjectIndex, kind, reference, reason, actor, requestedAt })
  }
  // Nobody else runs on a copy that was just restored: there is nothing to wait for.
  await runErasure({ ...house, settleMs: 0 }, erasureId)
}
