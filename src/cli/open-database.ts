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
    await pool.query('select 1').catch((error: unknown) => {
      throw unreachable(error)
    })
    return await work(pool)
  } catch (error) {
    // undefined_table
    if (codeOf(error) !== '42P01') throw error
    throw new Problem('database-migration', 'Tables are missing: run tillflow migrate.', { cause: error })
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

function unreachable(cause: unknown): Problem {
  const code = codeOf(cause)
  // Class 28: the account is refused; 3D000: there is no such database.
  if (code.startsWith('28') || code === '3D000') {
    return new Problem('settings-invalid', `databaseUrl: the server refuses the account or the database (${code}).`, {
      cause,
    })
  }
  return new Problem('hub-not-running', `The database does not answer${code === '' ? '' : ` (${code})`}.`, { cause })
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}
