import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import { type KeyWrapping, wrappingId } from './key-wrapping.ts'
import { insertInstallationKeys, readInstallationKeys } from './queries.ts'

/** What a stored key is for; the words are those under which it was derived before it was stored. */
export const installationPurposes = [
  'subject index',
  'fingerprint',
  'references',
  'tombstones',
  'audit',
  'identity',
] as const
export type InstallationPurpose = (typeof installationPurposes)[number]
export type InstallationKeys = Readonly<Record<InstallationPurpose, KeyObject>>

export const installationContext = (purpose: string) => `installation ${purpose}`

/**
 * The keys that stay when the master key is replaced, made when they are not there. `isNew`: nothing was ever sealed here; an
 * older installation keeps what it derived, so that its references and blind indexes stay what they are.
 */
export async function openInstallationKeys(
  pool: Pool,
  wrapping: KeyWrapping,
  isNew: boolean,
): Promise<InstallationKeys> {
  let stored = await readInstallationKeys(pool)
  if (stored.length < installationPurposes.length) {
    const offered = await Promise.all(
      installationPurposes.map(async (purpose) => {
        const derived = isNew ? undefined : wrapping.derived?.(purpose)
        const key = derived?.export() ?? randomBytes(32)
        return { purpose, wrappedKey: await wrapping.wrap(key, installationContext(purpose)) }
      }),
    )
    await insertInstallationKeys(pool, offered, wrappingId(wrapping))
    // Another process may have been first; its keys count.
    stored = await readInstallationKeys(pool)
  }
  const keys = new Map<string, KeyObject>()
  for (const { purpose, wrapped_key } of stored) {
    keys.set(purpose, createSecretKey(await wrapping.unwrap(wrapped_key, installationContext(purpose))))
  }
  const keyOf = (purpose: InstallationPurpose): KeyObject => {
    const key = keys.get(purpose)
    if (!key) throw new RangeError(`there is no key for ${purpose}`)
    return key
  }
  return {
    'subject index': keyOf('subject index'),
    fingerprint: keyOf('fingerprint'),
    references: keyOf('references'),
    tombstones: keyOf('tombstones'),
    audit: keyOf('audit'),
    identity: keyOf('identity'),
  }
}
