import { createSecretKey } from 'node:crypto'
import { Problem } from '../../contract/problem.ts'
import type { LivingKey } from './key-cache.ts'
import type { KeyWrapping } from './key-wrapping.ts'
import type { DataKeyRow } from './queries.ts'
import { wrapContext } from './wrap-context.ts'

/** Opens a stored key. Throws Problem `sealed-data-destroyed` where it is not there any more. */
export async function unwrapKey(wrapping: KeyWrapping, row: DataKeyRow): Promise<LivingKey> {
  if (row.wrapped_key === null) throw new Problem('sealed-data-destroyed')
  const plain = await wrapping.unwrap(row.wrapped_key, wrapContext(row.subject_index ?? undefined))
  return { keyId: row.key_id, key: createSecretKey(plain) }
}
