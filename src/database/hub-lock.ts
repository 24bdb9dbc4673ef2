import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../contract/problem.ts'
import { identifyProcess, isProcessRunning, type ProcessIdentity } from './process-identity.ts'

export interface DataDirectoryLock {
  release(): Promise<void>
}

/** What a lock file holds. The token tells two locks of one process apart. */
interface LockHolder extends ProcessIdentity {
  token: string
}

/**
 * Makes sure that one hub at a time runs on a data directory. Throws `data-directory-in-use` naming the pid.
 * The lock of a killed process is taken over, also when its pid now belongs to another program.
 */
export async function lockDataDirectory(dataDirectory: string): Promise<DataDirectoryLock> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o711 })
  const lockFile = join(dataDirectory, 'hub.lock')
  const token = randomUUID()
  // Written first and linked to its name then, so that nobody ever reads a half-written lock.
  const own = `${lockFile}.${token}`
  await writeFile(own, JSON.stringify({ ...identifyProcess(process.pid), token }), { mode: 0o600 })
  try {
    if (!(await linkIfAbsent(own, lockFile))) await takeOver(lockFile, own)
  } finally {
    await rm(own, { force: true })
  }
  return {
    async release() {
      if ((await readHolder(lockFile))?.token === token) await rm(lockFile, { force: true })
    },
  }
}

/**
 * Replaces a stale lock. Two that find the same stale lock must not both win, and the second must not replace the fresh
 * lock of the first: only who holds the takeover file may replace, and looks again before.
 */
async function takeOver(lockFile: string, own: string): Promise<void> {
  refuseRunning(await readHolder(lockFile))
  const takeoverFile = `${lockFile}.takeover`
  if (!(await linkIfAbsent(own, takeoverFile))) {
    refuseRunning(await readHolder(takeoverFile))
    // Left by a process that was killed within the few lines below.
    await rm(takeoverFile, { force: true })
    if (!(await linkIfAbsent(own, takeoverFile))) throw inUse()
  }
  try {
    // A stale lock cannot go away by itself; if it did go, its owner was just stopping and others may be first.
    if (await linkIfAbsent(own, lockFile)) return
    const stale = await readFile(lockFile, 'utf8').catch(() => undefined)
    if (stale === undefined) throw inUse()
    refuseRunning(parseHolder(stale))
    // A copy, because rename() does nothing when both names are links to one file.
    const replacement = `${own}.replacement`
    await writeFile(replacement, await readFile(own), { mode: 0o600 })
    await rename(replacement, lockFile)
  } finally {
    await rm(takeoverFile, { force: true })
  }
}

function refuseRunning(holder: LockHolder | undefined): void {
  if (holder !== undefined && isProcessRunning(holder)) throw inUse(holder.pid)
}

function inUse(pid?: number): Problem {
  const who = pid === undefined ? '' : `, with pid ${pid}`
  return new Problem('data-directory-in-use', `Another hub runs on this data directory${who}.`)
}

async function linkIfAbsent(existing: string, wanted: string): Promise<boolean> {
  try {
    await link(existing, wanted)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readHolder(file: string): Promise<LockHolder | undefined> {
  return parseHolder(await readFile(file, 'utf8').catch(() => ''))
}

/** `undefined` for a file that was cut off by a crash of the machine. */
function parseHolder(content: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(content) as LockHolder
    return Number.isInteger(holder.pid) && holder.pid > 0 ? holder : undefined
  } catch {
    return undefined
  }
}
