import type { Pool } from 'pg'
import { silentLogger } from '../contract/logger.ts'
import { isProblem } from '../contract/problem.ts'
import type { ErasureHouse } from '../privacy/erasure/house.ts'
import type { Settings } from '../settings/load-settings.ts'
import { withDatabase } from './open-database.ts'

/** Everything that an erasure needs, over the database of a running installation. */
export async function withErasureHouse<Result>(work: (house: ErasureHouse) => Promise<Result>): Promise<Result> {
  const { loadSettings } = await import('../settings/load-settings.ts')
  const { settings } = loadSettings()
  return withDatabase(settings, async (pool) => work(await openHouse(settings, pool)))
}

/** As `withErasureHouse`; where no hub runs because it refuses to start, its embedded database is started for the work. */
export async function withStoppedHouse<Result>(work: (house: ErasureHouse) => Promise<Result>): Promise<Result> {
  const { loadSettings } = await import('../settings/load-settings.ts')
  const { settings } = loadSettings()
  return withStoppedDatabase(settings, async (pool) => work(await openHouse(settings, pool)))
}

/** The database of an installation whose hub may be stopped. `isOwn`: it was started for this work, so that no hub is on it. */
export async function withStoppedDatabase<Result>(
  settings: Settings,
  work: (pool: Pool, isOwn: boolean) => Promise<Result>,
): Promise<Result> {
  const onRunning = () => withDatabase(settings, (pool) => work(pool, false))
  if (!settings.databaseUrl.isEmpty) return onRunning()
  const { openHubDatabase } = await import('../runtimes/node/hub-database.ts')
  const database = await openHubDatabase(settings, silentLogger).catch(async (error: unknown) => {
    if (isProblem(error) && error.code === 'data-directory-in-use') return undefined
    throw error
  })
  if (!database) return onRunning()
  try {
    return await work(database.pool, true)
  } finally {
    await database.close()
  }
}

async function openHouse(settings: Settings, pool: Pool): Promise<ErasureHouse> {
  const { openErasureHouse } = await import('../runtimes/node/start-hub.ts')
  return openErasureHouse(settings, pool, silentLogger)
}
