import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a small file, readable by its owner only, so that it is whole or absent, also after a power cut. */
export async function writeFileDurably(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.new`
  {
    await using file = await open(unfinished, 'w', 0o600)
    await file.chmod(0o600)
    await file.writeFile(content)
    await file.sync()
  }
  await rename(unfinished, path)
  // Windows cannot open a directory, and keeps the rename in its own journal.
  if (process.platform === 'win32') return
  await using directory = await open(dirname(path), 'r')
  await directory.sync()
}
