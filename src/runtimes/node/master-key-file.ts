import { join } from 'node:path'
import type { Settings } from '../../settings/load-settings.ts'

export function masterKeyFileOf(settings: Settings): string {
  return settings.masterKeyFile || join(settings.dataDirectory, 'master.key')
}
