import { join } from 'node:path'
import type { GeneratedFile } from './generated-file.ts'
import { writeGenerated } from './write-generated.ts'

/** Everything that is written once in code and published elsewhere. One more is one more line. */
const generators: (() => Promise<GeneratedFile[]>)[] = [
  async () => (await import('./generate-contracts.ts')).generateContracts(),
  async () => (await import('./generate-references.ts')).generateReferences(),
  async () => (await import('./generate-rules.ts')).generateChecksReference(),
  async () => (await import('./generate-rules.ts')).generateProblemsReference(),
]

/**
 * Writes every generated file; with `--check` only says which ones are not current; with `--freeze` also makes the newest
 * schemas a promise, as is done with a release.
 */
const check = process.argv.includes('--check')
const root = join(import.meta.dirname, '..')
const files = (await Promise.all(generators.map((generate) => generate()))).flat()
const stale = await writeGenerated(files, { root, check })
for (const path of stale) process.stderr.write(`${check ? 'not current' : 'written'}: ${path}\n`)
if (check && stale.length > 0) {
  process.stderr.write('run `npm run generate` and commit the result\n')
  process.exitCode = 1
}
if (process.argv.includes('--freeze')) {
  const { freezeNewest } = await import('./compatibility/revisions.ts')
  const { promisedSchemas } = await import('./compatibility/promised-schemas.ts')
  for (const path of freezeNewest(root, promisedSchemas)) process.stderr.write(`frozen: ${path}\n`)
}
