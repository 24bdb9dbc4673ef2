import type pg from 'pg'
import type { Logger } from '../contract/logger.ts'
import { Problem } from '../contract/problem.ts'
import { type MigrationFile, migrationsDirectory, readMigrationFiles } from './migration-files.ts'

/** Any number will do; it must stay the same for ever, so that starters of different versions exclude one another. */
const migrationLockKey = 7_413_062_285
/** A migration waits this long for a table that a running hub uses, then fails instead of blocking everybody behind it. */
const migrationLockTimeoutMs = 60_000
const patienceMaxMs = 86_400_000

export interface MigrationResult {
  /** The files that were applied now, in order. */
  applied: string[]
  /** The newest file that the database has; empty when there are none. */
  current: string
}

/**
 * Brings the database to the newest migration, forward only, each file in a transaction of its own.
 * Several starters at once are safe: one applies, the others wait. Throws `database-migration` when a file that was
 * applied has changed, is gone (the database is newer than this program), or a new file is older than an applied one.
 */
export async function migrate(
  pool: pg.Pool,
  options: { directory?: string; logger: Logger },
): Promise<MigrationResult> {
  const files = await readMigrationFiles(options.directory ?? migrationsDirectory)
  const client = await pool.connect()
  try {
    await client.query('SET statement_timeout = 0')
    await client.query('SET lock_timeout = 0')
    await client.query(takesLong('SELECT pg_advisory_lock($1)', [migrationLockKey]))
    await client.query(`SET lock_timeout = ${migrationLockTimeoutMs}`)
    const pending = findPending(files, await readApplied(client))
    for (const file of pending) {
      await applyMigration(client, file)
      options.logger.info({ migration: file.name }, 'Applied a migration')
    }
    return { applied: pending.map((file) => file.name), current: files.at(-1)?.name ?? '' }
  } finally {
    // Closed, not given back: the lock and the settings of this session go with it.
    client.release(true)
  }
}

/** Another hub's migration, or an index over years of receipts, may take longer than a statement otherwise may. */
function takesLong(text: string, values?: unknown[]): pg.QueryConfig & { query_timeout: number } {
  return { text, ...(values && { values }), query_timeout: patienceMaxMs }
}

interface AppliedMigration {
  name: string
  sha256: string
}

async function readApplied(client: pg.PoolClient): Promise<AppliedMigration[]> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       name text PRIMARY KEY,
       sha256 text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now()
     )`,
  )
  const { rows } = await client.query<AppliedMigration>(
    'SELECT name, sha256 FROM schema_migrations ORDER BY name COLLATE "C"',
  )
  return rows
}

function findPending(files: MigrationFile[], applied: AppliedMigration[]): MigrationFile[] {
  const fileByName = new Map(files.map((file) => [file.name, file]))
  for (const { name, sha256 } of applied) {
    const file = fileByName.get(name)
    if (file === undefined) {
      throw new Problem(
        'database-migration',
        `The database has migration ${name}, which this version of Tillflow does not know.`,
      )
    }
    if (file.sha256 !== sha256) {
      throw new Problem('database-migration', `Migration ${name} has changed since it was applied to this database.`)
    }
  }
  const appliedNames = new Set(applied.map(({ name }) => name))
  const newest = applied.at(-1)?.name ?? ''
  const pending = files.filter((file) => !appliedNames.has(file.name))
  const late = pending.find((file) => file.name < newest)
  if (late) {
    throw new Problem(
      'database-migration',
      `Migration ${late.name} is older than ${newest}, which was applied already; new migrations take the next number.`,
    )
  }
  return pending
}

async function applyMigration(client: pg.PoolClient, file: MigrationFile): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(takesLong(file.sql))
    await client.query('INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)', [file.name, file.sha256])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw new Error(`Migration ${file.name} failed: ${(error as Error).message}`, { cause: error })
  }
}
