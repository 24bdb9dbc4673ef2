import type { ClientBase, Pool } from 'pg'
import type { Vault } from '../privacy/encryption/vault.ts'
import type { Counts, Erasing, PersonalDataHolder, Stretch } from '../privacy/erasure/holder.ts'
import type { Held } from '../privacy/erasure/holds.ts'

const stretchUploadsMax = 200

/** What intake keeps of persons: raw bytes of receipts, of contradictions and of uploads in quarantine. */
export const intakePersonalData: PersonalDataHolder = {
  name: 'intake',
  find: async (db, { keyIds, subjectIndex }, until) => {
    const { rows } = await db.query<{ record_id: string }>(
      `select record_id from raw_records where key_id = any($1::bigint[])
       union
       select m.record_id from personal_mentions m
         left join transactions t on t.transaction_id = m.record_id left join conflicts c on c.conflict_id = m.record_id
       where m.subject_index = $2 and ($3::timestamptz is null or coalesce(t.recorded_at, c.received_at) <= $3)`,
      [keyIds, subjectIndex, until ?? null],
    )
    return rows.map((row) => row.record_id)
  },
  rewrite: eraseRaws,
  sweep: sweepQuarantine,
  forget: async (db, { erasureId, subjectIndex }) => {
    await db.query(
      `delete from personal_mentions m using erasure_records r
       where m.subject_index = $1 and r.erasure_id = $2 and m.record_id = r.record_id`,
      [subjectIndex, erasureId],
    )
  },
  export: exportRaws,
}

/** Which of these are about somebody whose data must be kept. */
export async function findHeldRecords(db: ClientBase, recordIds: readonly string[], held: Held): Promise<Set<string>> {
  if (held.subjectIndexes.length === 0) return new Set()
  const { rows } = await db.query<{ record_id: string }>(
    `select record_id from raw_records where record_id = any($1::uuid[]) and key_id = any($2::bigint[])
     union select record_id from personal_mentions where record_id = any($1::uuid[]) and subject_index = any($3::bytea[])`,
    [recordIds, held.keyIds, held.subjectIndexes],
  )
  return new Set(rows.map(({ record_id }) => record_id))
}

/**
 * Empties raw records that a rule of retention no longer keeps; whose they were stays known, for an erasure of later. `portion`: the name
 * under which it is noted (`describeEmptied`).
 */
export async function emptyRaws(db: ClientBase, recordIds: readonly string[], portion: string): Promise<number> {
  const { rows } = await db.query<{ others: number }>(eraseRawsText, [recordIds, [], null, 'retention', portion])
  return rows[0]?.others ?? 0
}

/** The oldest raw records of a table of cases that are older than a time, not emptied yet, and about nobody whose data must be kept. */
export async function findOldCases(
  db: ClientBase,
  table: 'quarantine' | 'conflicts',
  { cutAt, limit, held }: { cutAt: Date; limit: number; held: Held },
): Promise<string[]> {
  const id = table === 'quarantine' ? 'quarantine_id' : 'conflict_id'
  const { rows } = await db.query<{ record_id: string }>(
    `select r.record_id from ${table} c join raw_records r on r.record_id = c.${id}
     where c.received_at < $1 and r.fidelity <> 'erased' and r.key_id <> all($3::bigint[]) and not exists (
       select from personal_mentions m where m.record_id = r.record_id and m.subject_index = any($4::bytea[]))
     order by c.received_at limit $2`,
    [cutAt, limit, held.keyIds, held.subjectIndexes],
  )
  return rows.map(({ record_id }) => record_id)
}

/**
 * What the person's own key sealed opens for nobody any more, and only says so. What another person's key or a day's key sealed is
 * emptied; what it was before is noted by its hash, for whoever verifies an older seal.
 */
const eraseRawsText = `
  with gone as (
    select record_id, key_id, fidelity, pg_catalog.sha256(sealed) as ciphertext_sha256, key_id = any($2::bigint[]) as is_own
    from raw_records where record_id = any($1::uuid[]) and fidelity <> 'erased' order by record_id for update
  ), noted as (
    insert into raw_erasures (record_id, key_id, fidelity, ciphertext_sha256, cause, erasure_id, portion)
    select record_id, key_id, fidelity, ciphertext_sha256, $4, $3::uuid, $5::uuid from gone
  ), changed as (
    update raw_records r set fidelity = 'erased', sealed = case when g.is_own then r.sealed else ''::bytea end
    from gone g where r.record_id = g.record_id
  )
  select count(*) filter (where is_own)::int as own, count(*) filter (where not is_own)::int as others from gone`

async function eraseRaws(
  db: ClientBase,
  recordIds: readonly string[],
  { keyIds, erasureId, portion }: Erasing,
): Promise<Counts> {
  const { rows } = await db.query<{ own: number; others: number }>(eraseRawsText, [
    recordIds,
    keyIds,
    erasureId,
    'person',
    portion,
  ])
  return { rawErased: rows[0]?.own ?? 0, rawOfOthersErased: rows[0]?.others ?? 0 }
}

/** Nobody could say whom an upload in quarantine is about, so each one is opened and looked at. */
async function sweepQuarantine(db: ClientBase, after: string | undefined, erasing: Erasing): Promise<Stretch> {
  const { names, vault } = erasing
  if (!names) return { counts: {} }
  const { rows } = await db.query<{ record_id: string; key_id: string; sealed: Buffer }>(
    `select r.record_id, r.key_id::text, r.sealed from quarantine q join raw_records r on r.record_id = q.quarantine_id
     where q.quarantine_id > $1::uuid and r.fidelity <> 'erased' order by q.quarantine_id limit $2`,
    [after ?? '00000000-0000-0000-0000-000000000000', stretchUploadsMax],
  )
  const named: string[] = []
  for (const { record_id, key_id, sealed } of rows) {
    const text = await vault.open({ keyId: key_id, bytes: sealed }, record_id).then(String, () => '')
    if (names.isIn(text)) named.push(record_id)
  }
  const { rawOfOthersErased = 0 } = named.length > 0 ? await eraseRaws(db, named, erasing) : {}
  const last = rows.at(-1)
  return {
    counts: { quarantinedErased: rawOfOthersErased },
    ...(rows.length === stretchUploadsMax && last && { next: last.record_id }),
  }
}

async function exportRaws(db: Pool, recordIds: readonly string[], vault: Vault): Promise<unknown[]> {
  const { rows } = await db.query<{ record_id: string; key_id: string; fidelity: string; sealed: Buffer }>(
    'select record_id, key_id::text, fidelity, sealed from raw_records where record_id = any($1::uuid[]) order by record_id',
    [recordIds],
  )
  return Promise.all(
    rows.map(async ({ record_id, key_id, fidelity, sealed }) => {
      const bytes = await vault.open({ keyId: key_id, bytes: sealed }, record_id).catch(() => undefined)
      const text = bytes?.toString('utf8')
      const isText = bytes !== undefined && text !== undefined && Buffer.from(text).equals(bytes)
      return {
        recordId: record_id,
        fidelity,
        ...(isText ? { text } : { base64: bytes?.toString('base64') }),
      }
    }),
  )
}
