import type { Queryable } from './queries.ts'

/** A proof of possession by its hash, and the minute of its nonce. */
export interface UsedProof {
  hash: Buffer
  nonceMinute: number
}

/** Notes proofs, in the order given; returns the hashes of those that were not noted before. */
export async function insertProofs(db: Queryable, proofs: readonly UsedProof[]): Promise<Buffer[]> {
  const { rows } = await db.query<{ proof_hash: Buffer }>({
    name: 'identity-insert-proofs',
    text: `insert into identity_used_proofs (nonce_minute, proof_hash)
      select * from unnest($1::bigint[], $2::bytea[]) on conflict do nothing returning proof_hash`,
    values: [proofs.map(({ nonceMinute }) => nonceMinute), proofs.map(({ hash }) => hash)],
  })
  return rows.map(({ proof_hash }) => proof_hash)
}

/** Deletes those of which no process takes the nonce any more, whatever its clock; returns how many. */
export async function deleteOldProofs(db: Queryable, keptMinutes: number, rowsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from identity_used_proofs where (nonce_minute, proof_hash) in (
       select nonce_minute, proof_hash from identity_used_proofs
       where nonce_minute < floor(extract(epoch from clock_timestamp()) / 60) - $1 limit $2)`,
    [keptMinutes, rowsMax],
  )
  return rowCount ?? 0
}
