import { Problem } from '../../contract/problem.ts'
import type { ErasureHouse } from '../../privacy/erasure/house.ts'
import { completeTombstones, findMissingTombstones } from '../../privacy/erasure/replay-tombstones.ts'

/**
 * Keeps a hub from starting on a database that was restored from before an erasure: it would serve and send what was promised to be
 * gone. Throws Problem `tombstones-missing`, `tombstones-unreadable`. A file that knows less than the database gets the rest.
 */
export async function checkTombstones(house: ErasureHouse): Promise<void> {
  const missing = await findMissingTombstones(house)
  if (missing.length > 0) {
    const detail = `${house.tombstones.path} names ${missing.length} erasures that this database lacks.`
    throw new Problem('tombstones-missing', detail)
  }
  await completeTombstones(house)
}
