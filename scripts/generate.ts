import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GeneratedFile } from './generated-file.ts'

const root = join(import.meta.dirname, '..')

/** Everything that is written once in code and published elsewhere. */
const generators: (() => Promise<GeneratedFile[]>)[] = [
  async () => (await import('./generate-schema.ts')).generateTransactionSchema(),
  async () => (await import('./generate-references.ts')).generateReferences(),
]

/** Writes every generated file; with `--check` only says which ones are not current. */
async function generate(check: boolean): Promise<void> {
  const stale: string[] = []
  for (const generator of generators) {
    for (const { path, content } of await generator()) {
      const current = await readFile(join(root, path), 'utf8').catch(() => undefined)
      if (current === content) continue
      stale.push(path)
      if (check) continue
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), content)
    }
  }
  if (stale.length > 0) process.stderr.write(`${check ? 'not current' : 'written'}: ${stale.join(', ')}\n`)
  if (check && stale.length > 0) {
    process.stderr.write('run `npm run generate` and commit the result\n')
    process.exitCode = 1
  }
}

await generate(process.argv.includes('--check'))
