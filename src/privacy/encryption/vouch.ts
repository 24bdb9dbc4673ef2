import { createHmac, type KeyObject } from 'node:crypto'
import { deriveKey } from './master-key.ts'

/** Keyed hashes under the audit key of an installation, apart from everything else that this key does. */
export function vouchUnder(auditKey: KeyObject): (text: string) => Buffer {
  const key = deriveKey(auditKey, 'audit notes')
  return (text) => createHmac('sha256', key).update(text).digest()
}
