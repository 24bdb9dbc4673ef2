import { join } from 'node:path'
import type { MasterKeyOptions } from '../../privacy/encryption/master-key.ts'
import type { Settings } from '../../settings/load-settings.ts'

export function masterKeyFileOf(settings: Settings): string {
  return settings.masterKeyFile || join(settings.dataDirectory, 'master.key')
}

/** Where this installation has its master key. */
export function masterKeyOf(settings: Settings): MasterKeyOptions {
  return {
    ...(settings.masterKey.isEmpty ? {} : { masterKey: settings.masterKey.reveal() }),
    masterKeyFile: masterKeyFileOf(settings),
  }
}
