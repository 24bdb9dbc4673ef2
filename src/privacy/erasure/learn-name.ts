import type { ClientBase } from 'pg'
import type { ErasureHouse } from './house.ts'
import type { ErasureRow } from './queries.ts'

/** More receipts of one person say the same. */
const recordsMax = 200

/**
 * The name of somebody of whom only a tombstone is known, from what a restored copy says in clear: the one whose keyed hash is that of
 * the tombstone. It is noted, sealed, before anything is rewritten, for what comes after.
 */
export async function learnName(
  { vault, holders }: Pick<ErasureHouse, 'vault' | 'holders'>,
  client: ClientBase,
  row: ErasureRow,
  recordIds: readonly string[],
): Promise<void> {
  for (const holder of holders) {
    const names = (await holder.namesIn?.(client, recordIds.slice(0, recordsMax))) ?? []
    const name = names.find((one) => vault.indexOf(one).equals(row.subject_index))
    if (name === undefined) continue
    const { keyId, bytes } = await vault.seal({ plain: Buffer.from(name), associatedData: row.erasure_id })
    await client.query('update erasures set key_id = $2, sealed_subject = $3 where erasure_id = $1', [
      row.erasure_id,
      keyId,
      bytes,
    ])
    return
  }
}
