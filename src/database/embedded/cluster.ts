import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, parse } from 'node:path'
import { Problem } from '../../contract/problem.ts'
import { type Account, chooseAccount } from './account.ts'
import type { PostgresBinaries } from './binaries.ts'
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
 * Throws `database-version` when it was written by another major version of PostgreSQL.
 */
export async function prepareCluster(dataDirectory: string, binaries: PostgresBinaries): Promise<Cluster> {
  const account = chooseAccount()
  const directory = await locateCluster(dataDirectory, account)
  const passwordFile = join(dataDirectory, 'database-password')
  const clusterVersion = await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (clusterVersion !== undefined) {
    refuseOtherMajorVersion(clusterVersion.trim(), binaries, directory)
    return { directory, password: await readPassword(passwordFile), account }
  }
  const password = randomBytes(24).toString('base64url')
  await createCluster({ directory, password, passwordFile, account, binaries })
  return { directory, password, account }
}

export async function readPassword(passwordFile: string): Promise<string> {
  return (await readFile(passwordFile, 'utf8')).trim()
}

async function locateCluster(dataDirectory: string, account: Account | undefined): Promise<string> {
  const pointer = join(dataDirectory, 'database-location')
  const known = await readFile(pointer, 'utf8').catch(() => undefined)
  if (known !== undefined) return known.trim()
  const own = join(dataDirectory, 'postgres')
  const madeBefore = await stat(join(own, 'PG_VERSION')).catch(() => undefined)
  if (madeBefore || account === undefined || (await isOpenToEveryone(dataDirectory))) return own
  // A random part: a data directory that was deleted and made anew must not find the cluster of the old one.
  const name = `${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)}-${randomBytes(4).toString('hex')}`
  const directory = join(clustersOfRoot, name)
  await writeFile(pointer, `${directory}\n`)
  return directory
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
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    await chmod(passwordFile, 0o600)
    await rename(unfinished, directory)
  } finally {
    await rm(workshop, { recursive: true, force: true })
  }
}

function refuseOtherMajorVersion(clusterVersion: string, binaries: PostgresBinaries, directory: string): void {
  if (Number.parseInt(clusterVersion, 10) === binaries.majorVersion) return
  throw new Problem(
    'database-version',
    `The cluster ${directory} was written by PostgreSQL ${clusterVersion}; this installation brings PostgreSQL ${binaries.majorVersion}, which cannot open it. ` +
      `Start the Tillflow version that wrote it, dump the database with pg_dump ${clusterVersion} or later, and restore it into a new data directory.`,
  )
}
