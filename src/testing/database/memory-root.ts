import { access, chmod, constants, mkdtemp, statfs } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system in memory, on every Linux. */
export const memoryRoot = '/dev/shm'
const memoryMinBytes = 4 * 2 ** 30

/**
 * Where directories of databases go that are removed again: into memory, or where that is short, to the others of the system. A killed
 * process takes nothing along that it has written, neither on a disk nor in memory: only in what a sync costs do they differ.
 */
export async function chooseRoot(options: { inMemory: boolean }): Promise<string> {
  if (!options.inMemory || freemem() < memoryMinBytes) return tmpdir()
  try {
    await access(memoryRoot, constants.W_OK)
    const { bavail, bsize } = await statfs(memoryRoot)
    return bavail * bsize < memoryMinBytes ? tmpdir() : memoryRoot
  } catch {
    return tmpdir()
  }
}

/** A directory of one test, in memory where it may be, for a hub that has its database in it. */
export async function makeTestDirectory(prefix: string): Promise<string> {
  return makeOpenDirectory(await chooseRoot({ inMemory: true }), prefix)
}

/** PostgreSQL may run under another account than ours and has to pass through. */
export async function makeOpenDirectory(root: string, prefix: string): Promise<string> {
  const directory = await mkdtemp(join(root, prefix))
  await chmod(directory, 0o711)
  return directory
}
