import { createHmac, type KeyObject } from 'node:crypto'
import { deriveKey } from './master-key.ts'
import { openBytes, sealBytes } from './sealed-bytes.ts'

/**
 * What seals the keys of the vault. Here it is a master key in memory; a key management service is the same three things: an
 * id, a call that encrypts 32 bytes under a context, and one that decrypts them. What it gives back is kept as it is.
 */
export interface KeyWrapping {
  /** 32 bytes that tell one master key from another and say nothing about it. */
  readonly check: Buffer
  /** `context` is what the key is for: bytes that come back with another one must not open. */
  wrap(key: Uint8Array, context: string): Promise<Buffer>
  /** Throws Problem `sealed-data-unreadable` for bytes that are not those, `storage-unavailable` where nobody can say now. */
  unwrap(wrapped: Uint8Array, context: string): Promise<Buffer>
  /** What an installation of before derived from its first master key, and has stored since. */
  derived?(purpose: string): KeyObject
}

/** The first bytes of the check, kept beside every key: which master key wraps it. */
export function wrappingId({ check }: Pick<KeyWrapping, 'check'>): Buffer {
  return check.subarray(0, 16)
}

/** Wraps with AES-256-GCM under a key of its own of the master key. */
export function wrapWithMasterKey(masterKey: KeyObject): KeyWrapping {
  const wrapKey = deriveKey(masterKey, 'key wrapping')
  return {
    check: createHmac('sha256', deriveKey(masterKey, 'key check')).update('key check').digest(),
    wrap: async (key, context) => sealBytes(wrapKey, key, context),
    unwrap: async (wrapped, context) => openBytes(wrapKey, wrapped, context),
    derived: (purpose) => deriveKey(masterKey, purpose),
  }
}
