import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import { installationContext } from './installation-keys.ts'
import { isSameCheck } from './key-check.ts'
import { type KeyWrapping, wrappingId } from './key-wrapping.ts'
import {
  beginRotation,
  endRotation,
  readInstallationKeys,
  readKeyChecks,
  readKeysToRewrap,
  rewrapDataKeys,
  rewrapInstallationKey,
} from './queries.ts'
import { wrapContext } from './wrap-context.ts'

const batchKeysMax = 500

export interface Rotation {
  /** Keys that were wrapped anew by this call; a call that goes on where another was killed counts its own. */
  rewrapped: number
  /** False: the new key was the present one already. */
  changed: boolean
}

/**
 * Wraps every key under another master key; what they sealed stays as it is. It may be killed anywhere and is called again with the
 * same two keys; until it has come to its end no vault opens. The hub must be stopped: what it has in memory is the old key.
 *
 * Throws Problem `settings-invalid` where `from` is not the present key, `key-rotation-unfinished` where another replacement was begun.
 */
export async function rotateMasterKey(
  pool: Pool,
  { from, to, onProgress }: { from: KeyWrapping; to: KeyWrapping; onProgress?(rewrapped: number): void },
): Promise<Rotation> {
  const checks = await readKeyChecks(pool)
  if (!checks) throw new Problem('settings-invalid', 'Nothing was sealed in this database: there is no key to replace.')
  if (isSameCheck(checks.key_check, to.check) && !checks.next_check) return { rewrapped: 0, changed: false }
  if (!isSameCheck(checks.key_check, from.check))
    throw new Problem('settings-invalid', 'The old key is not the one that this database was sealed with.')
  if (checks.next_check && !isSameCheck(checks.next_check, to.check)) throw new Problem('key-rotation-unfinished')
  await beginRotation(pool, to.check)
  let rewrapped = 0
  for (const { purpose, wrapped_key, wrapping } of await readInstallationKeys(pool)) {
    if (wrapping.equals(wrappingId(to))) continue
    const context = installationContext(purpose)
    const anew = await to.wrap(await from.unwrap(wrapped_key, context), context)
    rewrapped += await rewrapInstallationKey(pool, { purpose, wrapped: anew, before: wrapped_key, id: wrappingId(to) })
  }
  do {
    for (let done = -1; done !== 0; ) {
      done = await rewrapNext(pool, from, to)
      rewrapped += done
      if (done > 0) onProgress?.(rewrapped)
    }
  } while (!(await endRotation(pool, to.check, wrappingId(to))))
  return { rewrapped, changed: true }
}

async function rewrapNext(pool: Pool, from: KeyWrapping, to: KeyWrapping): Promise<number> {
  const rows = await readKeysToRewrap(pool, wrappingId(to), batchKeysMax)
  if (rows.length === 0) return 0
  const anew = await Promise.all(
    rows.map(async ({ subject_index, wrapped_key }) => {
      const context = wrapContext(subject_index ?? undefined)
      return to.wrap(await from.unwrap(wrapped_key, context), context)
    }),
  )
  const keys = rows.map(({ key_id, wrapped_key }, at) => ({ keyId: key_id, before: wrapped_key, wrapped: anew[at] }))
  return rewrapDataKeys(pool, keys, wrappingId(to))
}
