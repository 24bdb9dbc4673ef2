/**
 * The statements of delivery, one text each. $1 is always the target. Shards and fences come as arrays: a statement touches
 * only shards whose fence is still the caller's.
 */

export const touchWorkerText = `
  insert into delivery_workers (worker_id, seen_at) values ($1, clock_timestamp())
  on conflict (worker_id) do update set seen_at = excluded.seen_at`

/** Of several targets at once: whether they are paused, and what their guards say; durations from now. */
export const readGatesText = `
  select t.target_id, t.state = 'paused' as is_paused, t.resumes_count, t.drain_until::text,
    exists (select from delivery_replays r where r.target_id = t.target_id and (r.state in ('running', 'aborting') or (r.state = 'paused'
      and exists (select from delivery_replay_items i where i.replay_id::text = r.replay_id::text and i.state = 'released')))) as is_replaying,
    exists (select from delivery_entries e where e.target_id = t.target_id) as has_entries,
    coalesce(greatest(0, extract(epoch from g.held_until - clock_timestamp()) * 1000), 0)::float8 as held_ms,
    g.opened_at is not null as is_open, coalesce(cardinality(g.failed_lanes) > 0, false) as is_failing,
    coalesce(greatest(0, extract(epoch from greatest(g.probe_at, g.probing_until) - clock_timestamp()) * 1000), 0)::float8 as probe_in_ms
  from delivery_targets t left join delivery_guards g using (target_id) where t.target_id = any($1::smallint[])`

/** What paused a target first is the reason that is kept; $4: only when it was not resumed since. */
export const pauseText = `
  update delivery_targets set state = 'paused', pause_code = $2, pause_reason = $3, paused_at = clock_timestamp(),
    drain_until = null, drain_reason = null, drain_since = null
  where target_id = $1 and state <> 'paused' and resumes_count = coalesce($4, resumes_count)`

/** Counted for a target that is not paused too: an answer of before, which is still on its way, does not pause it again. */
export const resumeText = `
  with before as (select state from delivery_targets where target_id = $1 for update)
  update delivery_targets set state = 'active', pause_code = null, pause_reason = null, paused_at = null,
    drain_until = null, drain_reason = null, drain_since = null, resumes_count = resumes_count + 1
  from before where target_id = $1
  returning before.state <> 'active' as was_stopped`

/** Everything that has an xid by now is still delivered, also what is not committed yet. A drain that is on keeps its mark. */
export const drainText = `
  update delivery_targets set state = 'draining', drain_until = pg_snapshot_xmax(pg_current_snapshot()), drain_reason = $2,
    drain_since = clock_timestamp()
  where target_id = $1 and state = 'active'`

export const readDrainText = `
  select s.shard, s.cursor_xid as xid, s.cursor_position as position
  from delivery_targets t join delivery_shards s using (target_id) where t.target_id = $1 and t.drain_until = $2::text::xid8`

/** Ends the drain of which the caller knows that everything before its mark was read; $3: what waits behind a stopped event does not count. */
export const endDrainText = `
  update delivery_targets set state = 'paused', pause_code = 'operator', pause_reason = drain_reason, paused_at = clock_timestamp(),
    drain_until = null, drain_reason = null, drain_since = null
  where target_id = $1 and state = 'draining' and drain_until = $2::text::xid8 and not exists (
    select from delivery_entries e where target_id = $1 and state in ('sending', 'retry', 'unknown', 'queued')
      and not ($3 and exists (
        select from delivery_entries p
        where p.target_id = $1 and p.shard = e.shard and p.ordering_key = e.ordering_key
          and p.state in ('waiting', 'parked', 'needs-check') and (p.xid, p.position) < (e.xid, e.position))))`

export const renewShardsText = `
  update delivery_shards set lease_until = clock_timestamp() + $3 * interval '1 millisecond'
  where target_id = $1 and owner = $2
  returning shard, fence, cursor_xid as xid, cursor_position as position`

/** Workers that have been seen within a lease; the caller is one of them. */
export const countWorkersText = `
  select count(*)::int as workers from delivery_workers where seen_at > clock_timestamp() - $1 * interval '1 millisecond'`

export const giveBackShardsText = `
  update delivery_shards set owner = null, lease_until = null
  where target_id = $1 and owner = $2 and shard = any($3::smallint[])`

/** $5: only these; null: any. */
export const takeShardsText = `
  with free as (
    select shard from delivery_shards
    where target_id = $1 and (owner is null or lease_until < clock_timestamp()) and ($5::smallint[] is null or shard = any($5))
    order by random() limit $4 for update skip locked
  )
  update delivery_shards s
  set owner = $2, fence = s.fence + 1, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
  from free where s.target_id = $1 and s.shard = free.shard
  returning s.shard, s.fence, s.cursor_xid as xid, s.cursor_position as position`

export const releaseShardsText = `
  update delivery_shards set owner = null, lease_until = null where target_id = $1 and owner = $2`

/** A worker that stops is not counted any more, so that the others take its share at once. */
export const forgetWorkerText = `delete from delivery_workers where worker_id = $1`

export const forgetWorkersText = `delete from delivery_workers where seen_at < clock_timestamp() - interval '1 hour'`

const blocking = `'sending', 'retry', 'unknown', 'queued'`
/** What holds its lane besides, at a target with `strictOrder`: a person decides first, or its original comes. */
const stopping = `'waiting', 'parked', 'needs-check'`
const blockingStrictly = `${blocking}, ${stopping}`

export const readHeldText = readHeld(blocking)
export const readHeldStrictlyText = readHeld(blockingStrictly)

function readHeld(states: string): string {
  return `
  select ordering_key, false as waiting from delivery_entries
  where target_id = $1 and shard = any($2::smallint[]) and state in (${states})
  group by ordering_key
  union all
  (select null, true from delivery_entries
  where target_id = $1 and shard = any($2::smallint[]) and waits_for is not null and state = 'waiting' limit 1)`
}

/** Entries of held lanes whose head is due; $3 are the fences of the shards in $2. */
export const readDueText = readDue(blocking, 'true')
/** The same where a lane goes no further than to what stops it. */
export const readDueStrictlyText = readDue(
  blockingStrictly,
  `not exists (
      select from delivery_entries p
      where p.target_id = $1 and p.shard = due.shard and p.ordering_key = due.ordering_key
        and p.state in (${stopping}) and (p.xid, p.position) < (e.xid, e.position))`,
)

function readDue(headStates: string, isReached: string): string {
  return `
  with heads as (
    select distinct on (shard, ordering_key) shard, ordering_key, state, fence, next_attempt_at
    from delivery_entries
    where target_id = $1 and shard = any($2::smallint[]) and state in (${headStates})
    order by shard, ordering_key, xid, position
  ), due as (
    select heads.shard, heads.ordering_key from heads
    join unnest($2::smallint[], $3::bigint[]) as lease (shard, fence) using (shard)
    where heads.state = 'queued'
      or (heads.state in ('retry', 'unknown') and ($6 or heads.next_attempt_at <= clock_timestamp()))
      or (heads.state = 'sending' and heads.fence <> lease.fence)
    order by heads.next_attempt_at nulls first limit $4
  )
  select e.event_id, e.state, e.attempts, coalesce(e.deadline_at <= clock_timestamp(), false) as deadline_passed,
    e.replay_id, e.look_first, e.generation
  from due cross join lateral (
    select event_id, state, attempts, deadline_at, replay_id, look_first, generation, xid, position from delivery_entries e
    where target_id = $1 and shard = due.shard and ordering_key = due.ordering_key and state in (${blocking})
      and ${isReached}
    order by xid, position limit $5
  ) e
  order by e.xid, e.position`
}

/** Dependents whose original is settled or parked now, or whose time is over. */
export const readReleasedText = `
  select e.event_id, e.state, e.attempts, coalesce(e.deadline_at <= clock_timestamp(), false) as deadline_passed,
    e.replay_id, e.look_first, e.generation
  from delivery_entries e
  left join lateral delivery_result_of(e.target_id, e.waits_for) r on true
  left join delivery_entries o on o.target_id = e.target_id and o.event_id = e.waits_for and o.state in ('parked', 'needs-check')
  where e.target_id = $1 and e.shard = any($2::smallint[]) and e.waits_for is not null
    and ((e.state = 'waiting' and (r.event_id is not null or o.event_id is not null or e.deadline_at <= clock_timestamp()))
      or (e.state = 'parked' and e.reason_code in ('original-parked', 'original-missing') and r.event_id is not null))
  order by e.xid, e.position limit $3`

/** What this target made of events so far; one that is not named here has neither ended nor left the fast path. */
export const targetStatesText = `
  select r.event_id, 'settled' as state from unnest($2::uuid[]) as asked (event_id)
    cross join lateral delivery_result_of($1::smallint, asked.event_id) r
  union all
  select event_id, case when state in ('parked', 'needs-check') then 'parked' else 'open' end
  from delivery_entries where target_id = $1 and event_id = any($2::uuid[])`

/** Events of a target that a person must decide about, page by page in the order of their ids. */
export const parkedPageText = `
  select event_id, ordering_key, state, reason_code, reason, updated_at from delivery_entries
  where target_id = $1 and event_id > $2 and state in ('parked', 'needs-check') order by event_id limit $3`

export const hastenRetriesText = `
  update delivery_entries set next_attempt_at = clock_timestamp()
  where target_id = $1 and shard = any($2::smallint[]) and state in ('retry', 'unknown')`

/** A column of results that is the same in all rows comes once: to read the arrays was a third of what a row costs. */
const sameOrEach = (parameter: string, column: string) =>
  `case when cardinality(${parameter}) = 1 then (${parameter})[1] else t.${column} end`

/**
 * Settles cycles, of several workers at once: cursors, results, postings, entries and attempts of the shards whose fence held, in one
 * commit. A row of results and of what follows names its shard by its place in $1 to $6, from 1. The first document of an event lies in
 * its result, so that an ordinary event is one row with one index.
 */
const settleText = `
  with fenced as (
    update delivery_shards s
    set cursor_xid = coalesce(v.xid::xid8, s.cursor_xid), cursor_position = coalesce(v.position, s.cursor_position)
    from unnest($1::smallint[], $2::text[], $3::smallint[], $4::bigint[], $5::text[], $6::bigint[]) with ordinality
      as v (target_id, owner, shard, fence, xid, position, place)
    where s.target_id = v.target_id and s.shard = v.shard and s.fence = v.fence and s.owner = v.owner
    returning v.place, s.target_id, s.shard, s.fence, s.owner, s.cursor_xid, s.cursor_position
  ), results as (
    insert into delivery_results (target_id, event_id, result, reason, attempts,
      document_id, document_kind, amount, tax, currency, posted_at)
    select target_id, t.event_id, ${sameOrEach('$9', 'result')}, ${sameOrEach('$10', 'reason')}, ${sameOrEach('$11', 'attempts')},
      t.document_id, ${sameOrEach('$13', 'document_kind')}, t.amount, ${sameOrEach('$15', 'tax')}, ${sameOrEach('$16', 'currency')}, t.posted_at
    from unnest($7::bigint[], $8::uuid[], $9::text[], $10::text[], $11::int[],
        $12::text[], $13::text[], $14::numeric[], $15::numeric[], $16::text[], $17::timestamptz[])
      as t (place, event_id, result, reason, attempts, document_id, document_kind, amount, tax, currency, posted_at)
    join fenced using (place)
    on conflict do nothing
  )`

const returningText = `
  select place::int from fenced`

/** Where everything ended as ordinary events do: nothing had an entry, or gets one. */
export const commitResultsText = `${settleText}${returningText}`

/**
 * The same, with more than a few of one shard in one row (`result-batches.ts`). A batch at a cursor that has one already is refused: what
 * comes before fences and cursors is wrong then, and the second one could not be found.
 */
const settleBatchesText = `${settleText}, batches as (
    insert into delivery_result_batches (target_id, shard, xid, position, events_count, event_ids, document_ids, document_kinds, amounts,
      taxes, currencies, posted_at)
    select target_id, shard, cursor_xid, cursor_position, t.events_count, t.event_ids::uuid[], t.document_ids::text[],
      t.document_kinds::text[], t.amounts::numeric[], t.taxes::numeric[], t.currencies::text[], t.posted_at::timestamptz[]
    from unnest($18::bigint[], $19::int[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::text[], $26::text[])
      as t (place, events_count, event_ids, document_ids, document_kinds, amounts, taxes, currencies, posted_at)
    join fenced using (place)
  )`

export const commitBatchesText = `${settleBatchesText}${returningText}`

export const commitText = `${settleBatchesText}, further_postings as (
    insert into delivery_postings (target_id, event_id, document_id, kind, amount, tax, currency, posted_at)
    select target_id, t.event_id, t.document_id, t.kind, t.amount, t.tax, t.currency, t.posted_at
    from unnest($27::bigint[], $28::uuid[], $29::text[], $30::text[], $31::numeric[], $32::numeric[], $33::text[], $34::timestamptz[])
      as t (place, event_id, document_id, kind, amount, tax, currency, posted_at)
    join fenced using (place)
    on conflict do nothing
  ), gone as (
    delete from delivery_entries e using unnest($35::bigint[], $36::uuid[]) as t (place, event_id), fenced
    where fenced.place = t.place and e.target_id = fenced.target_id and e.event_id = t.event_id
  ), entries as (
    insert into delivery_entries (target_id, event_id, shard, xid, position, ordering_key, state, attempts, next_attempt_at,
      waits_for, deadline_at, reason_code, reason, fence, updated_at)
    select target_id, t.event_id, shard, t.xid::xid8, t.position, t.ordering_key, t.state, t.attempts,
      clock_timestamp() + t.delay_ms * interval '1 millisecond', t.waits_for,
      clock_timestamp() + t.deadline_ms * interval '1 millisecond', t.reason_code, t.reason, fence, clock_timestamp()
    from unnest($37::bigint[], $38::uuid[], $39::text[], $40::bigint[], $41::text[], $42::text[], $43::int[], $44::float8[],
        $45::uuid[], $46::float8[], $47::text[], $48::text[])
      as t (place, event_id, xid, position, ordering_key, state, attempts, delay_ms, waits_for, deadline_ms, reason_code, reason)
    join fenced using (place)
    on conflict (target_id, event_id) do update set state = excluded.state, attempts = excluded.attempts,
      next_attempt_at = excluded.next_attempt_at, waits_for = excluded.waits_for,
      deadline_at = case when excluded.waits_for is null or delivery_entries.waits_for is null
          or excluded.waits_for = delivery_entries.waits_for
        then coalesce(delivery_entries.deadline_at, excluded.deadline_at) else excluded.deadline_at end,
      reason_code = excluded.reason_code, reason = excluded.reason, fence = excluded.fence, updated_at = excluded.updated_at
  ), attempts as (
    insert into delivery_attempts (target_id, event_id, attempt, outcome, reason, duration_ms, worker_id)
    select target_id, t.event_id, t.attempt, t.outcome, t.reason, t.duration_ms, owner
    from unnest($49::bigint[], $50::uuid[], $51::int[], $52::text[], $53::text[], $54::int[])
      as t (place, event_id, attempt, outcome, reason, duration_ms)
    join fenced using (place)
  )${returningText}`
