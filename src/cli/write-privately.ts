import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../contract/problem.ts'

/** A new file that only its owner can read, on the disk when it resolves. Throws Problem `settings-invalid` where one is there. */
export async function writePrivately(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, name)
  await using file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new Problem('settings-invalid', `--out: ${path} is there already.`)
    throw new Problem('settings-invalid', `--out: ${path} cannot be written (${error.code ?? 'failed'}).`)
  })
  await file.writeFile(text)
  await file.sync()
}
