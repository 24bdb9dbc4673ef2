import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Problem } from '../../contract/problem.ts'
import type { Account } from './account.ts'
import type { PostgresBinaries } from './binaries.ts'

/** The role and the database of the hub. */
export const databaseName = 'tillflow'

/**
 * Fills an empty directory. The builtin locale needs no locale of the system and sorts by code point on every machine;
 * a password is asked for even on loopback, where any other account of the machine could knock.
 */
export async function runInitdb(options: {
  binaries: PostgresBinaries
  account: Account | undefined
  directory: string
  passwordFile: string
}): Promise<void> {
  const settings = [
    `--pgdata=${options.directory}`,
    `--username=${databaseName}`,
    `--pwfile=${options.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
  ]
  try {
    await promisify(execFile)(options.binaries.initdb, settings, { cwd: '/', ...options.account })
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new Problem('database-start-failed', `PostgreSQL's initdb failed: ${stderr?.trim() || String(error)}`, {
      cause: error,
    })
  }
}
