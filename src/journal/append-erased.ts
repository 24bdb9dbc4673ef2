import type { ClientBase } from 'pg'
import { appendEvents } from './append.ts'
import { type ErasedData, eventTypes } from './event.ts'
import { shardOf } from './shard.ts'

const transactionKeysMax = 1_000

const appendErasedText = `
  with named as (
    select subject from journal_events where event_id = any($2::uuid[]) and event_type = '${eventTypes.recorded}' order by xid, position
  ), news as (
    select $1::uuid as event_id, '${eventTypes.customerErased}' as event_type, $3::text as subject, $3::text as ordering_key,
      $4::smallint as shard, null::text as depends_on, null::text as traceparent, clock_timestamp() as recorded_at, 1 as ordinality,
      json_build_object('kind', $5::text, 'reference', $6::text,
        'transactionKeys', coalesce((select json_agg(subject) from (select subject from named limit ${transactionKeysMax}) k), '[]'),
        'transactionsCount', (select count(*) from named)) as data
  )
  ${appendEvents('news')}`

/**
 * Tells targets and buses that somebody is forgotten, with the reference only: an event of a key of its own, so that no lane of a till
 * waits for it. Its id is that of the erasure.
 */
export async function appendErased(
  client: ClientBase,
  erased: Pick<ErasedData, 'kind' | 'reference'> & { erasureId: string; recordIds: readonly string[] },
): Promise<void> {
  const { erasureId, kind, reference, recordIds } = erased
  const subject = `${kind}:${reference}`
  await client.query(appendErasedText, [erasureId, recordIds, subject, shardOf(subject), kind, reference])
}
