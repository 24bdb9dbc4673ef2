import type { Pool } from 'pg'
import type { Logger } from '../../contract/logger.ts'
import { checkDurability } from '../../database/durability.ts'
import { startEmbeddedPostgres } from '../../database/embedded/embedded-postgres.ts'
import { lockDataDirectory } from '../../database/hub-lock.ts'
import { migrate } from '../../database/migrate.ts'
import { createPool } from '../../database/pool.ts'
import type { Settings } from '../../settings/load-settings.ts'

export interface HubDatabase {
  pool: Pool
  url: string
  close(): Promise<void>
}

/** The database of a hub: the one of the settings, else the embedded one, which only one hub may own. Migrated and safe. */
export async function openHubDatabase(settings: Settings, logger: Logger): Promise<HubDatabase> {
  const owned = settings.databaseUrl.isEmpty ? await startOwned(settings, logger) : undefined
  const url = owned?.url ?? settings.databaseUrl.reveal()
  const pool = createPool({ url, sizeMax: settings.databasePoolSizeMax, applicationName: 'tillflow', logger })
  const close = async () => {
    await pool.end()
    await owned?.close()
  }
  try {
    const { survives } = await checkDurability(pool, { evaluation: settings.evaluation })
    const { applied } = await migrate(pool, { logger })
    logger.info({ embedded: owned !== undefined, survives, applied: applied.length }, 'the database is ready')
    return { pool, url, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startOwned(settings: Settings, logger: Logger): Promise<{ url: string; close(): Promise<void> }> {
  const lock = await lockDataDirectory(settings.dataDirectory)
  try {
    const server = await startEmbeddedPostgres({ dataDirectory: settings.dataDirectory, logger })
    return {
      url: server.url,
      close: async () => {
        await server.stop()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}
