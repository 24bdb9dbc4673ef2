import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from '../contract/problem.ts'

export interface MigrationFile {
  name: string
  sql: string
  sha256: string
}

export const migrationsDirectory = fileURLToPath(new URL('../../migrations', import.meta.url))

const migrationName = /^\d{4}-[a-z0-9-]+\.sql$/

/** All migrations in order. Throws `database-migration` for a file that is misnamed or repeats a number. */
export async function readMigrationFiles(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  const numbers = new Set<string>()
  for (const name of names) {
    const number = name.slice(0, 4)
    if (!migrationName.test(name)) {
      throw new Problem('database-migration', `${name} is not named like a migration (0001-what-it-does.sql).`)
    }
    if (numbers.has(number)) throw new Problem('database-migration', `Two migrations have the number ${number}.`)
    numbers.add(number)
  }
  return Promise.all(
    names.map(async (name) => {
      // A checkout may turn line ends around; that is no change of the migration.
      const sql = (await readFile(join(directory, name), 'utf8')).replaceAll('\r\n', '\n')
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}
