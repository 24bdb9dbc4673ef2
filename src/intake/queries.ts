import type { ClientBase, Pool } from 'pg'
import { appendEvents } from '../journal/append.ts'
import { makeOfferedKeys } from '../privacy/encryption/queries.ts'

type Queryable = Pool | ClientBase

/**
 * Records a whole group in one statement, hence in one commit: keys of people who had none, identities, raw bytes, events.
 * Identities are inserted in the order of their ids, so that two groups that share some wait for each other instead of
 * deadlocking; all keys come before all identities, for the same reason. Where somebody else made one of the keys, nothing is
 * recorded: a part of the group would come before receipts that its till sent earlier.
 *
 * Long values travel as two byte strings with lengths. Array literals of documents would be escaped character by character
 * on both sides; that alone cost a third of the time of a group.
 */
export const insertReceiptsText = `
  with offered as (
    select o.*, $32::bytea as wrapping
    from unnest($30::bytea[], $31::bytea[]) with ordinality as o (subject_index, wrapped_key, place)
  ), made as (
    ${makeOfferedKeys('offered')}
  ), incoming as materialized (
    select t.*, coalesce(t.known_key_id, m.key_id) as key_id,
      convert_from(substring($16::bytea from t.data_from for t.data_length), 'UTF8')::json as data,
      substring($17::bytea from t.sealed_from for t.sealed_length) as sealed,
      clock_timestamp() as recorded_at, t.transaction_id as event_id, 'pos.transaction.recorded.v1' as event_type,
      t.transaction_key as subject
    from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::date[],
        $10::text[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[],
        $18::int[], $19::int[], $20::int[], $21::int[], $22::bigint[], $23::text[], $24::smallint[], $25::text[], $26::text[],
        $29::int[])
      with ordinality as t (transaction_id, transaction_key, content_hash, transaction_type, business_unit_id, workstation_id,
        series, sequence_number, business_day_date, currency, grand_total_minor, worst_finding, source, sender_id, fidelity,
        data_from, data_length, sealed_from, sealed_length, known_key_id, ordering_key, shard, depends_on, traceparent, key_place,
        ordinality)
    left join (offered o join made m using (subject_index)) on o.place = t.key_place
    where (select count(*) from made) = cardinality($30::bytea[])
  ), recorded as (
    insert into transactions (transaction_id, transaction_key, content_hash, transaction_type, business_unit_id, workstation_id,
      series, sequence_number, business_day_date, currency, grand_total_minor, worst_finding, source, sender_id, recorded_at)
    select transaction_id, transaction_key, content_hash, transaction_type, business_unit_id, workstation_id,
      series, sequence_number, business_day_date, currency, grand_total_minor, worst_finding, source, sender_id, recorded_at
    from incoming order by transaction_id
    on conflict (transaction_id) do nothing
    returning transaction_id, recorded_at
  ), news as (
    select i.* from incoming i join recorded r using (transaction_id)
  ), raws as (
    insert into raw_records (record_id, key_id, fidelity, sealed) select transaction_id, key_id, fidelity, sealed from news
  ), mentions as (
    insert into personal_mentions (subject_index, record_id)
    select m.subject_index, m.transaction_id from unnest($27::bytea[], $28::uuid[]) as m (subject_index, transaction_id)
    join recorded using (transaction_id)
  ), events as (
    ${appendEvents('news')}
  )
  select transaction_id, recorded_at, null as key_id, null as subject_index from recorded
  union all
  select null, null, key_id::text, subject_index from made`

/** A receipt that was recorded, or a key that was made. */
export type InsertedRow =
  | { transaction_id: string; recorded_at: Date }
  | { transaction_id: null; key_id: string; subject_index: Buffer }

export interface FirstRow {
  transaction_id: string
  transaction_key: string
  content_hash: Buffer
  recorded_at: Date
}

/** What was recorded first under these identities. */
export async function readFirstRecords(db: Queryable, transactionIds: readonly string[]): Promise<FirstRow[]> {
  const result = await db.query<FirstRow>({
    name: 'intake-read-first',
    text: `select transaction_id, transaction_key, content_hash, recorded_at from transactions where transaction_id = any($1::uuid[])`,
    values: [transactionIds],
  })
  return result.rows
}

/** Keeps an upload that contradicts the recorded one; the same contradiction again meets the kept one. */
export const insertConflictText = `
  with kept as (
    insert into conflicts (conflict_id, transaction_id, transaction_key, content_hash, source, sender_id, received_at)
    values ($1, $2, $3, $4, $5, $6, clock_timestamp()) on conflict (transaction_id, content_hash) do nothing returning conflict_id
  ), raws as (
    insert into raw_records (record_id, key_id, fidelity, sealed) select conflict_id, $7, $8, $9 from kept
  ), mentions as (
    insert into personal_mentions (subject_index, record_id) select unnest($10::bytea[]), conflict_id from kept
  )
  select conflict_id from kept`

export async function findConflict(
  db: Queryable,
  transactionId: string,
  contentHash: Buffer,
): Promise<string | undefined> {
  const result = await db.query<{ conflict_id: string }>(
    'select conflict_id from conflicts where transaction_id = $1 and content_hash = $2',
    [transactionId, contentHash],
  )
  return result.rows[0]?.conflict_id
}

/** Keeps an upload of which no transaction can be made, with an event that occupies its number. */
export const insertQuarantineText = `
  with kept as (
    insert into quarantine (quarantine_id, source, fingerprint, problem, detail, business_unit_id, workstation_id, series,
      sequence_number, business_day_date, sender_id, received_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, clock_timestamp())
    on conflict (source, fingerprint) do nothing returning quarantine_id, received_at
  ), raws as (
    insert into raw_records (record_id, key_id, fidelity, sealed) select quarantine_id, $12, $13, $14 from kept
  ), news as (
    select quarantine_id as event_id, 'pos.transaction.quarantined.v1' as event_type, 'quarantine:' || quarantine_id as subject,
      $15::text as ordering_key, $16::smallint as shard, null::text as depends_on, $17::json as data, $18::text as traceparent,
      received_at as recorded_at, 1 as ordinality from kept
  ), events as (
    ${appendEvents('news')}
  )
  select quarantine_id from kept`

export async function findQuarantine(db: Queryable, source: string, fingerprint: Buffer): Promise<string | undefined> {
  const result = await db.query<{ quarantine_id: string }>(
    'select quarantine_id from quarantine where source = $1 and fingerprint = $2',
    [source, fingerprint],
  )
  return result.rows[0]?.quarantine_id
}
