import type { ClientBase, Pool } from 'pg'

/** Raw records that were emptied together, as they were noted then. */
export interface Emptied {
  records: number
  /** SHA-256 over the ids and the hashes of what was taken away, in the order of the ids; hexadecimal. */
  sha256: string
}

/** Undefined: nothing was emptied under this name. */
export async function describeEmptied(db: Pool | ClientBase, portion: string): Promise<Emptied | undefined> {
  const { rows } = await db.query<{ records: number; sha256: string | null }>({
    name: 'intake-describe-emptied',
    text: `select count(*)::int as records,
        encode(pg_catalog.sha256(string_agg(uuid_send(record_id) || ciphertext_sha256, ''::bytea order by record_id)), 'hex') as sha256
      from raw_erasures where portion = $1`,
    values: [portion],
  })
  const [row] = rows
  return row?.sha256 ? { records: row.records, sha256: row.sha256 } : undefined
}

/** Gives those that were emptied without a name this one; resolves with how many they are. */
export async function nameEmptied(db: ClientBase, portion: string): Promise<number> {
  const { rowCount } = await db.query('update raw_erasures set portion = $1 where portion is null', [portion])
  return rowCount ?? 0
}
