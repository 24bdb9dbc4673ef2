import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import type { ErasureHouse } from '../../privacy/erasure/house.ts'
import {
  completeTombstones,
  countMissingTombstones,
  findMissingTombstones,
} from '../../privacy/erasure/replay-tombstones.ts'
import { type TombstoneSettings, tombstoneFileOf } from './erasure-house.ts'

/**
 * Keeps a hub from starting on a database that was restored from before an erasure: it would serve and send what was promised to be
 * gone. Throws Problem `tombstones-missing`, `tombstones-unreadable`. A file that knows less than the database gets the rest.
 */
export async function checkTombstones(house: ErasureHouse): Promise<void> {
  const missing = await findMissingTombstones(house)
  refuseMissing(missing.length, house.tombstones.path)
  await completeTombstones(house)
}

/** The same for a process that has no vault: one that delivers or relays only would send what was promised to be gone. */
export async function checkTombstonesWithoutVault(pool: Pool, settings: TombstoneSettings): Promise<void> {
  const path = tombstoneFileOf(settings)
  refuseMissing(await countMissingTombstones(pool, path), path)
}

function refuseMissing(count: number, path: string): void {
  if (count > 0) throw new Problem('tombstones-missing', `${path} names ${count} erasures that this database lacks.`)
}
