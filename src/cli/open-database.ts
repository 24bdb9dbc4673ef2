import type { Pool } from 'pg'
import { silentLogger } from '../contract/logger.ts'
import { Problem } from '../contract/problem.ts'
import type { Settings } from '../settings/load-settings.ts'

/** The database of a running installation, for a command that looks or mends: the one of the settings, else the embedded one that runs. */
export async function withDatabase<Result>(settings: Settings, work: (pool: Pool) => Promise<Result>): Promise<Result> {
  const { createPool } = await import('../database/pool.ts')
  const url = await databaseUrl(settings)
  const pool = createPool({ url, sizeMax: 4, applicationName: 'tillflow-cli', logger: silentLogger })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}

async function databaseUrl(settings: Settings): Promise<string> {
  if (!settings.databaseUrl.isEmpty) return settings.databaseUrl.reveal()
  const { findEmbeddedPostgres } = await import('../database/embedded/run-file.ts')
  const url = await findEmbeddedPostgres(settings.dataDirectory)
  if (url === undefined) {
    throw new Problem(
      'hub-not-running',
      `No embedded database runs in ${settings.dataDirectory}, and no databaseUrl is set.`,
    )
  }
  return url
}
