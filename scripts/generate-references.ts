import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { metricsReference } from '../src/observability/metrics-reference.ts'
import { settingsReference } from '../src/settings/settings-reference.ts'
import { faultsReference } from '../src/simulator/faults/faults-reference.ts'
import type { GeneratedFile } from './generated-file.ts'

/** The pages of the reference that are lists of what the code states once. */
export async function generateReferences(): Promise<GeneratedFile[]> {
  return [
    formatted({ path: 'docs/reference/settings.md', content: settingsReference() }),
    formatted({ path: 'docs/reference/metrics.md', content: metricsReference() }),
    formatted({ path: 'docs/reference/faults.md', content: faultsReference() }),
  ]
}

const biome = join(import.meta.dirname, '../node_modules/@biomejs/biome/bin/biome')

/** As the formatter wants it, so that `npm run format` and `npm run generate` do not undo one another. */
function formatted({ path, content }: GeneratedFile): GeneratedFile {
  const options = { input: content, encoding: 'utf8' } as const
  return { path, content: execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${path}`], options) }
}
