import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const packageFile = join(import.meta.dirname, '../../package.json')

/** What the program says of itself. */
export function readPackage(): { version: string; description: string } {
  return JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string; description: string }
}
