import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** As the repository's formatter wants them: a longer name breaks lines elsewhere. Without the tools nothing is done; `npm run check` tells. */
export async function formatFiles(root: string, files: readonly string[]): Promise<void> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const isInstalled = await access(biome).then(
    () => true,
    () => false,
  )
  if (!isInstalled) return
  const code = files.filter((file) => file.endsWith('.ts'))
  await promisify(execFile)(process.execPath, [biome, 'check', '--write', ...code], { cwd: root })
}
