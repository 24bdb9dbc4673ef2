import { createHash, randomBytes } from 'node:crypto'
import { chown, mkdir, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, parse, resolve } from 'node:path'
import { Problem } from '../../contract/problem.ts'
import { type Account, chooseAccount } from './account.ts'
import type { PostgresBinaries } from './binaries.ts'
import { writeFileDurably } from './durable-file.ts'
import { runInitdb } from './initdb.ts'

/** PostgreSQL's own directory, and what is needed to start and enter it. */
export interface Cluster {
  directory: string
  password: string
  account: Account | undefined
}

/** Where clusters lie whose data directory the unprivileged account cannot enter (below /root, for example). */
const clustersOfRoot = '/var/lib/tillflow/clusters'

/**
 * The cluster of a data directory, made by `initdb` the first time.
 * Throws `database-version` when it was written by another major version of PostgreSQL, and `database-start-failed`
 * when there was one and it is gone: an empty one in its place would look like a loss of all receipts.
 */
export async function prepareCluster(dataDirectory: string, binaries: PostgresBinaries): Promise<Cluster> {
  const account = chooseAccount()
  const passwordFile = join(dataDirectory, 'database-password')
  const known = await readClusterDirectory(dataDirectory)
  if (known !== undefined) {
    await refuseUnusable(known, binaries)
    return { directory: known, password: await readPassword(passwordFile), account }
  }
  const password = randomBytes(24).toString('base64url')
  const location = await chooseLocation(dataDirectory, account)
  const directory = resolve(dataDirectory, location)
  await createCluster({ directory, password, passwordFile, account, binaries })
  // Last: until here an interrupted start begins anew.
  await writeFileDurably(pointerFile(dataDirectory), `${location}\n`)
  return { directory, password, account }
}

/** Where the cluster of a data directory lies, or `undefined` when it has none yet. */
export async function readClusterDirectory(dataDirectory: string): Promise<string | undefined> {
  const location = await readFile(pointerFile(dataDirectory), 'utf8').catch(() => undefined)
  return location === undefined ? undefined : resolve(dataDirectory, location.trim())
}

function pointerFile(dataDirectory: string): string {
  return join(dataDirectory, 'database-location')
}

async function readPassword(passwordFile: string): Promise<string> {
  try {
    return (await readFile(passwordFile, 'utf8')).trim()
  } catch (error) {
    throw new Problem('database-start-failed', `The file ${passwordFile} with the password cannot be read.`, {
      cause: error,
    })
  }
}

/**
 * Relative to the data directory where possible, so that it may be moved. The random part: a start that was interrupted,
 * or a data directory that was deleted and made anew, must not find what an earlier one left.
 */
async function chooseLocation(dataDirectory: string, account: Account | undefined): Promise<string> {
  const name = randomBytes(4).toString('hex')
  if (account === undefined || (await isOpenToEveryone(dataDirectory))) return `postgres-${name}`
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)
  return join(clustersOfRoot, `${hash}-${name}`)
}

async function isOpenToEveryone(directory: string): Promise<boolean> {
  let path = await realpath(directory)
  const { root } = parse(path)
  while (path !== root) {
    if (((await stat(path)).mode & 0o001) === 0) return false
    path = dirname(path)
  }
  return true
}

/** Made under another name and renamed when it is whole, so that an interrupted start leaves nothing that looks usable. */
async function createCluster(options: {
  directory: string
  password: string
  passwordFile: string
  account: Account | undefined
  binaries: PostgresBinaries
}): Promise<void> {
  const { directory, password, passwordFile, account, binaries } = options
  await mkdir(dirname(directory), { recursive: true, mode: 0o755 })
  const workshop = await mkdtemp(`${directory}.new-`)
  try {
    const unfinished = join(workshop, 'cluster')
    const passwordForInitdb = join(workshop, 'password')
    await writeFile(passwordForInitdb, password, { mode: 0o600 })
    await mkdir(unfinished, { mode: 0o700 })
    if (account) {
      for (const path of [workshop, unfinished, passwordForInitdb]) await chown(path, account.uid, account.gid)
    }
    await runInitdb({ binaries, account, directory: unfinished, passwordFile: passwordForInitdb })
    await writeFileDurably(passwordFile, `${password}\n`)
    await rename(unfinished, directory)
  } finally {
    await rm(workshop, { recursive: true, force: true })
  }
}

async function refuseUnusable(directory: string, binaries: PostgresBinaries): Promise<void> {
  const version = (await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined))?.trim()
  if (version === undefined) {
    throw new Problem(
      'database-start-failed',
      `The cluster ${directory} of this data directory is gone or cannot be read. Restore it, or choose a new data directory to begin with an empty database.`,
    )
  }
  if (Number.parseInt(version, 10) === binaries.majorVersion) return
  throw new Problem(
    'database-version',
    `The cluster ${directory} was written by PostgreSQL ${version}; this installation brings PostgreSQL ${binaries.majorVersion}, which cannot open it. ` +
      `Start the Tillflow version that wrote it, dump the database with pg_dump ${version} or later, and restore it into a new data directory.`,
  )
}
