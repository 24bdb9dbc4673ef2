import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Nobody writes one file for an hour: what is older was left by a crash. */
const leftBehindAfterMs = 3_600_000
const temporaryName = /^\.[0-9a-f-]{36}\.tmp$/

/**
 * Writes a file so that it is there whole and durable, or not at all: under a temporary name in the same directory, synced,
 * renamed, and the directory synced. A crash leaves at most the temporary file.
 */
export async function writeDurably(directory: string, name: string, text: string): Promise<void> {
  const temporary = join(directory, `.${randomUUID()}.tmp`)
  try {
    const handle = await open(temporary, 'wx', 0o640)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, join(directory, name))
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  await syncDirectory(directory)
}

/** Makes a directory, its parents included, durable. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o750 })
  if (first === undefined) return
  // Every directory from the new one up to the first that was there before has a new entry.
  for (let made = directory; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made))
}

export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a directory; there the rename itself is journalled.
  if (process.platform === 'win32') return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes temporary files that a crash left; those of writers at work are young, and stay. */
export async function removeLeftBehind(directory: string, nowMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!temporaryName.test(name)) continue
    const path = join(directory, name)
    const { mtimeMs } = await stat(path)
    if (nowMs - mtimeMs > leftBehindAfterMs) await unlink(path).catch(() => {})
  }
}

/** Appends and waits until it is on the disk. */
export async function appendDurably(handle: FileHandle, text: string): Promise<void> {
  await handle.appendFile(text)
  await handle.datasync()
}

/** Gives way where it is not there: a crash may have come after an earlier try. */
export function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
