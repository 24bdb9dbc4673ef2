/** The statements of replays, one text each. */

export const insertReplayText = `
  insert into delivery_replays (replay_id, target_id, mode, state, filter, reason, planned_by, rate_per_second)
  values ($1, $2, $3, 'planning', $4, $5, $6, $7)`

/** What events are at a target now, and since when; null: no trace. */
export const presentStatesText = `
  select p.event_id, coalesce(r.result, e.state) as state, coalesce(r.reason, e.reason) as reason, e.reason_code,
    coalesce(r.settled_at, e.updated_at)::text as settled_at
  from unnest($2::uuid[]) as p (event_id)
  left join lateral delivery_result_of($1::smallint, p.event_id) r on true
  left join delivery_entries e on e.target_id = $1 and e.event_id = p.event_id`

export const readCursorsText = `
  select shard, cursor_xid as xid, cursor_position as position from delivery_shards where target_id = $1`

export const insertItemsText = `
  insert into delivery_replay_items (replay_id, event_id, shard, xid, position, ordering_key, depends_on, state_before, reason_before,
    settled_before)
  select $1, t.event_id, t.shard, t.xid::xid8, t.position, t.ordering_key, string_to_array(t.depends_on, ',')::uuid[], t.state, t.reason,
    t.settled_at::timestamptz
  from unnest($2::uuid[], $3::smallint[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
    as t (event_id, shard, xid, position, ordering_key, depends_on, state, reason, settled_at)`

export const countFollowersText = `
  select count(*)::int as follow from delivery_entries e join delivery_replay_items i on i.replay_id = $1 and i.event_id = e.waits_for
  where e.target_id = $2 and e.state = 'parked'
    and not exists (select from delivery_replay_items own where own.replay_id = $1 and own.event_id = e.event_id)`

export const endPlanText = `
  update delivery_replays set state = 'planned', counts = $2, planned_at = clock_timestamp() where replay_id = $1 and state = 'planning'`

/** A plan that cannot be is forgotten, with its items. */
export const forgetPlanText = `delete from delivery_replays where replay_id = $1 and state = 'planning'`

/** The replay that is under way at a target, for one worker at a time; others go on without. One that is paused is only settled. */
export const lockReplayText = `
  select replay_id, mode, state, rate_per_second, (extract(epoch from clock_timestamp() - fed_at) * 1000)::float8 as rested_ms,
    clock_timestamp() as now
  from delivery_replays where target_id = $1 and state in ('running', 'paused', 'aborting') for update skip locked`

/** By the index of what was let go: see its migration. */
const isReleased = `i.replay_id::text = $1::uuid::text and i.state = 'released'`

/**
 * Writes down the end of items. A dependent whose original is not on its way in this replay has come to its end here when it waits:
 * it goes on by itself, perhaps in a day. The array keeps PostgreSQL from hashing the whole replay, which it takes for one row.
 */
export const settleItemsText = `
  with ended as materialized (
    select i.event_id, coalesce(r.result, e.state) as state from delivery_replay_items i
    left join lateral delivery_result_of($2::smallint, i.event_id) r on true
    left join delivery_entries e on e.target_id = $2 and e.event_id = i.event_id
    where ${isReleased} and (r.event_id is not null or e.state in ('parked', 'needs-check')
      or (e.state = 'waiting' and not exists (
          select from delivery_replay_items o where o.replay_id = $1 and o.event_id = any(array[e.waits_for]) and o.state in ('planned', 'released'))
        and not exists (select from delivery_result_of($2::smallint, e.waits_for))
        and not exists (select from delivery_entries o where o.target_id = $2 and o.event_id = e.waits_for and o.state <> 'waiting')))
  )
  update delivery_replay_items i set state = 'done', outcome = ended.state, ended_at = clock_timestamp()
  from ended where ${isReleased} and i.event_id = ended.event_id
  returning i.outcome`

export const countOpenText = `
  select count(*)::int as open from delivery_replay_items i where ${isReleased}`

/** Shards among these that are still this worker's; they stay so until the end of the transaction. */
export const lockShardsText = `
  select s.shard, s.fence from delivery_shards s join unnest($2::smallint[], $3::bigint[]) as l (shard, fence)
    on s.shard = l.shard and s.fence = l.fence
  where s.target_id = $1 and s.owner = $4 order by s.shard for update of s`

/** Somebody may put them back into their lanes at this moment. */
export const lockEntriesText = `
  select from delivery_entries where target_id = $1 and event_id = any($2::uuid[]) order by event_id for update`

export const leaveItemsText = `
  update delivery_replay_items i set state = 'left', left_because = t.because, ended_at = clock_timestamp()
  from unnest($2::uuid[], $3::text[]) as t (event_id, because)
  where i.replay_id = $1 and i.event_id = any($2) and i.event_id = t.event_id`

/** Another generation of the idempotency key; the documents of all earlier ones are no proof of it. */
export const raiseGenerationsText = `
  insert into delivery_generations as g (target_id, event_id, generation, superseded)
  select $1, t.event_id, 1, coalesce((select array_agg(d.kind || '/' || d.document_id) from delivery_documents_of($1::smallint, t.event_id) d), '{}')
  from unnest($2::uuid[]) as t (event_id)
  on conflict (target_id, event_id) do update set generation = g.generation + 1, superseded = g.superseded || excluded.superseded`

/** Gives the results of whole batches rows of their own, so that those of the events in $2 can be taken out. */
export const unpackResultsText = `
  with gone as (
    delete from delivery_result_batches b using (
      select distinct b.shard, b.xid, b.position from unnest($2::uuid[]) as t (event_id)
      cross join lateral delivery_batch_of($1::smallint, t.event_id) b where t.event_id = any(b.event_ids)
    ) touched where b.target_id = $1 and (b.shard, b.xid, b.position) = (touched.shard, touched.xid, touched.position)
    returning b.*
  )
  insert into delivery_results (target_id, event_id, result, attempts, settled_at, document_id, document_kind, amount, tax, currency, posted_at)
  select b.target_id, r.event_id, r.result, r.attempts, r.settled_at, r.document_id, r.document_kind, r.amount, r.tax, r.currency, r.posted_at
  from gone b cross join lateral delivery_results_in(row(b.*)::delivery_result_batches) r
  on conflict do nothing`

/**
 * Takes events out of their result, or out of what parked them, and puts them into their lanes at their place in the journal. What
 * the hub had of them is kept with the item.
 */
export const releaseItemsText = `
  with going as (
    select i.event_id, i.shard, i.xid, i.position, i.ordering_key, t.look_first, t.fence, coalesce(g.generation, 0) as generation
    from unnest($3::uuid[], $4::boolean[], $5::bigint[]) as t (event_id, look_first, fence)
    join delivery_replay_items i on i.replay_id = $1 and i.event_id = any($3) and i.event_id = t.event_id
    left join delivery_generations g on g.target_id = $2 and g.event_id = t.event_id
  ), results as (
    delete from delivery_results r using going where r.target_id = $2 and r.event_id = going.event_id
    returning r.event_id, json_build_object('result', r.result, 'reason', r.reason, 'attempts', r.attempts, 'settledAt', r.settled_at) as told
  ), documents as (
    select going.event_id, json_agg(json_strip_nulls(json_build_object('documentId', d.document_id, 'kind', d.kind,
      'amount', trim_scale(d.amount)::text, 'tax', trim_scale(d.tax)::text, 'currency', d.currency, 'postedAt', d.posted_at))
      order by d.document_id) as told
    from going cross join lateral delivery_documents_of($2::smallint, going.event_id) d group by going.event_id
  ), postings as (
    delete from delivery_postings p using going where p.target_id = $2 and p.event_id = going.event_id
  ), steps as (
    delete from delivery_steps s using going where s.target_id = $2 and s.event_id = going.event_id
    returning s.event_id, s.step, s.kind, s.document_id
  ), told_steps as (
    select event_id, json_agg(json_build_object('step', step, 'kind', kind, 'documentId', document_id) order by step) as told
    from steps group by event_id
  ), entries as (
    insert into delivery_entries (target_id, event_id, shard, xid, position, ordering_key, state, fence, replay_id, look_first, generation)
    select $2, event_id, shard, xid, position, ordering_key, 'queued', fence, $1, look_first, generation from going
    on conflict (target_id, event_id) do update set state = 'queued', attempts = 0, next_attempt_at = null, waits_for = null,
      deadline_at = null, reason_code = null, reason = null, fence = excluded.fence, replay_id = excluded.replay_id,
      look_first = excluded.look_first, generation = excluded.generation, updated_at = clock_timestamp()
  )
  update delivery_replay_items i set state = 'released', released_at = clock_timestamp(), generation = going.generation,
    before = json_strip_nulls(json_build_object('result', results.told, 'documents', documents.told, 'steps', told_steps.told))
  from going left join results using (event_id) left join documents using (event_id) left join told_steps using (event_id)
  where i.replay_id = $1 and i.event_id = any($3) and i.event_id = going.event_id`

export const noteFedText = `update delivery_replays set fed_at = clock_timestamp() where replay_id = $1`

/** Nothing is left to do: every item has come to its end, or an abort waits for none. A replay that is paused goes on first. */
export const endReplayText = `
  update delivery_replays r set state = case state when 'aborting' then 'aborted' else 'finished' end, ended_at = clock_timestamp()
  where replay_id = $1 and state in ('running', 'aborting')
    and not exists (select from delivery_replay_items i where ${isReleased})
    and not (r.state = 'running' and exists (
      select from delivery_replay_items i where i.replay_id::text = $1::uuid::text and i.state = 'planned'))
  returning state`

export const readSupersededText = `
  select event_id, superseded from delivery_generations where target_id = $1 and event_id = any($2::uuid[])`

const replayColumns = `
  r.replay_id, t.name as target, t.pause_code, t.pause_reason, t.paused_at, r.target_id, r.mode, r.state, r.filter, r.reason, r.planned_by, r.rate_per_second, r.counts,
  r.planned_at, r.started_at, r.ended_at`

/** The newest first; $1: one target, or null; $3: of these stores alone, or null. */
export const readReplaysText = `
  select ${replayColumns} from delivery_replays r join delivery_targets t using (target_id)
  where ($1::text is null or t.name = $1) and r.state <> 'planning'
    and ($3::text[] is null or r.filter ->> 'businessUnitId' = any($3)) order by r.planned_at desc limit $2`

export const readReplayText = `
  select ${replayColumns} from delivery_replays r join delivery_targets t using (target_id) where r.replay_id = $1`

export const lockOneReplayText = `
  select r.state, r.mode, t.name as target, r.planned_at < clock_timestamp() - $2 * interval '1 millisecond' as is_old from delivery_replays r join delivery_targets t using (target_id)
  where r.replay_id = $1 for update of r`

export const countItemsText = `
  select state, coalesce(left_because, outcome) as how, count(*)::int as n from delivery_replay_items where replay_id = $1 group by 1, 2`

const itemColumns = `
  i.event_id, i.state, i.state_before, i.reason_before, i.left_because, i.outcome, i.generation, i.released_at, i.before`

/** What the replay under way at each target has before it; every target is named. */
export const countUnderWayText = `
  select t.name as target,
    (select count(*)::int from delivery_replay_items i where i.replay_id::text = r.replay_id::text and i.state = 'planned') as planned,
    (select count(*)::int from delivery_replay_items i where i.replay_id::text = r.replay_id::text and i.state = 'released') as open
  from delivery_targets t left join delivery_replays r on r.target_id = t.target_id and r.state in ('running', 'paused')
  order by t.name`

/** Items from all over the set, in journal order. */
export const sampleItemsText = `
  select ${itemColumns} from (
    select *, row_number() over (order by xid, position) - 1 as place, count(*) over () as size
    from delivery_replay_items where replay_id = $1
  ) i where i.place % greatest(1, i.size / $2::int) = 0 order by i.place limit $2`

/** Items in journal order, after the place of one of them. */
export const readItemsText = `
  select ${itemColumns} from delivery_replay_items i
  where uuid_send(i.replay_id) = uuid_send($1::uuid) and ($2::uuid is null or (i.xid, i.position) > (
    select a.xid, a.position from delivery_replay_items a where a.replay_id = $1 and a.event_id = $2))
  order by i.xid, i.position limit $3`

/** Items of plans that were never run and are old, the oldest plans first; also of one that died while it was made. */
export const pruneItemsText = `
  delete from delivery_replay_items d using (
    select i.replay_id, i.event_id from (
      select replay_id from delivery_replays where started_at is null and planned_at < clock_timestamp() - $1 * interval '1 millisecond'
      order by planned_at limit 100
    ) r cross join lateral (select i.replay_id, i.event_id from delivery_replay_items i where i.replay_id = r.replay_id limit $2) i
    limit $2
  ) old where d.replay_id = old.replay_id and d.event_id = old.event_id`

export const prunePlansText = `
  delete from delivery_replays r where r.started_at is null and r.planned_at < clock_timestamp() - $1 * interval '1 millisecond'
    and not exists (select from delivery_replay_items i where i.replay_id = r.replay_id)`

/** $3: states from which the replay may go there; a rate only where one is given. */
export const moveReplayText = `
  update delivery_replays set state = $2, rate_per_second = coalesce($4, rate_per_second),
    started_at = case when $2 = 'running' then coalesce(started_at, clock_timestamp()) else started_at end,
    ended_at = case when $2 in ('aborted') then clock_timestamp() else ended_at end
  where replay_id = $1 and state = any($3::text[])`
