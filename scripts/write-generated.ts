import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GeneratedFile } from './generated-file.ts'

/** The paths of the files that are not current; they are written, or with `check` only named. */
export async function writeGenerated(
  files: readonly GeneratedFile[],
  { root, check }: { root: string; check: boolean },
): Promise<string[]> {
  const stale: string[] = []
  for (const { path, content } of files) {
    const file = join(root, path)
    const current = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (current === content) continue
    stale.push(path)
    if (check) continue
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  return stale
}
