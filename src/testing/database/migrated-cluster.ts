import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { silentLogger } from '../../contract/logger.ts'
import { chooseAccount } from '../../database/embedded/account.ts'
import { installPostgresBinaries } from '../../database/embedded/binaries.ts'
import { startEmbeddedPostgres } from '../../database/embedded/embedded-postgres.ts'
import { runInitdb } from '../../database/embedded/initdb.ts'
import { lockDataDirectory } from '../../database/hub-lock.ts'
import { migrate } from '../../database/migrate.ts'
import { migrationsDirectory, readMigrationFiles } from '../../database/migration-files.ts'
import { makeOpenDirectory } from './memory-root.ts'

const run = promisify(execFile)
const prefix = 'tillflow-test-cluster-'
const keptForMs = 86_400_000

export interface ClusterPlan {
  /** Where data directories lie. */
  root: string
  /** What the names of data directories begin with. */
  directoryPrefix: string
  /** Makes the migrated template on a server that runs. */
  makeTemplate(url: string): Promise<void>
}

/**
 * A new data directory, locked, with a cluster that has the migrated template. `initdb` and migrations take seconds, so that they are
 * done once for all test servers of a machine, and copied: the same migrations, made by the same programs, give the same cluster.
 */
export async function copyMigratedCluster(plan: ClusterPlan): Promise<string> {
  const original = join(plan.root, `${prefix}${await identify()}`)
  if (!(await isThere(original))) await makeOriginal(original, plan)
  const dataDirectory = await makeOpenDirectory(plan.root, plan.directoryPrefix)
  await run('cp', ['-a', `${original}/.`, dataDirectory])
  await lockDataDirectory(dataDirectory)
  return dataDirectory
}

/** Under the name of a test server until it is whole: one that is killed meanwhile is cleared away like any other. */
async function makeOriginal(original: string, plan: ClusterPlan): Promise<void> {
  await removeOld(plan.root)
  const dataDirectory = await makeOpenDirectory(plan.root, plan.directoryPrefix)
  const lock = await lockDataDirectory(dataDirectory)
  try {
    const server = await startEmbeddedPostgres({ dataDirectory, logger: silentLogger })
    try {
      await plan.makeTemplate(server.url)
    } finally {
      await server.stop()
    }
    await lock.release()
    await rename(dataDirectory, original)
  } catch (error) {
    await rm(dataDirectory, { recursive: true, force: true })
    // Another one was quicker.
    if (!(await isThere(original))) throw error
  }
}

/** Of all that makes a cluster what it is. */
async function identify(): Promise<string> {
  const [{ version }, files] = await Promise.all([
    installPostgresBinaries(tmpdir()),
    readMigrationFiles(migrationsDirectory),
  ])
  const parts = [version, chooseAccount(), process.getuid?.(), String(runInitdb), String(migrate), files]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** Those of migrations that nobody has any more. */
async function removeOld(root: string): Promise<void> {
  for (const name of (await readdir(root)).filter((one) => one.startsWith(prefix))) {
    const path = join(root, name)
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > keptForMs) await rm(path, { recursive: true, force: true })
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
