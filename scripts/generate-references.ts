import { metricsReference } from '../src/observability/metrics-reference.ts'
import { settingsReference } from '../src/settings/settings-reference.ts'
import type { GeneratedFile } from './generated-file.ts'

/** The pages of the reference that are lists of what the code states once. */
export async function generateReferences(): Promise<GeneratedFile[]> {
  return [
    { path: 'docs/reference/settings.md', content: settingsReference() },
    { path: 'docs/reference/metrics.md', content: metricsReference() },
  ]
}
