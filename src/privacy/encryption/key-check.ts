import { timingSafeEqual } from 'node:crypto'
import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import type { KeyWrapping } from './key-wrapping.ts'
import { readOrKeepKeyCheck } from './queries.ts'

/**
 * Whether this is the master key that the stored data was sealed with. True: nothing was sealed before.
 *
 * Throws Problem `settings-invalid` for another key, `key-rotation-unfinished` while one is being replaced.
 */
export async function checkMasterKey(pool: Pool, { check }: Pick<KeyWrapping, 'check'>): Promise<boolean> {
  const { isNew, stored } = await readOrKeepKeyCheck(pool, check)
  if (stored?.next_check) throw new Problem('key-rotation-unfinished')
  if (!isSameCheck(stored?.key_check, check)) {
    throw new Problem(
      'settings-invalid',
      'The data in this database was sealed with another master key. Restore that key.',
    )
  }
  return isNew
}

export function isSameCheck(stored: Buffer | null | undefined, check: Buffer): boolean {
  return stored?.length === check.length && timingSafeEqual(stored, check)
}
