import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a small file so that it is there whole and durable, or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`
  const handle = await open(temporary, 'w', 0o640)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, path)
  await syncDirectory(dirname(path))
}

/** Appends and waits until it is on the disk. */
export async function appendDurably(handle: FileHandle, text: string): Promise<void> {
  await handle.appendFile(text)
  await handle.datasync()
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

/** Gives way where it is not there: a crash may have come after an earlier try. */
export function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
