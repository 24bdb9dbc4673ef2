/** The statements of the guards. $1 is always the target. Each touches its one row, so that workers agree on it. */

/** Whoever has this row decides on permits; the next one sees what was decided. */
export const lockGuardText = `select target_id from delivery_guards where target_id = $1 for update`

/**
 * The share of $2 among the workers seen within a lease: the limit $3 divided by their number, the rest to the first ones. It
 * gets no more than the others have left, and is charged for what it may still have on its way ($4).
 */
export const claimPermitsText = `
  with live as (
    select count(*) + 1 as workers, count(*) filter (where worker_id < $2) as rank from delivery_workers
    where worker_id <> $2 and seen_at > clock_timestamp() - $5 * interval '1 millisecond'
  ), others as (
    select coalesce(sum(permits), 0) as taken from delivery_permits
    where target_id = $1 and worker_id <> $2 and expires_at > clock_timestamp()
  ), share as (
    select workers, fair, greatest(0, least(fair, $3::int - taken))::int as count
    from others, live, lateral (select $3::int / workers + case when rank < $3::int % workers then 1 else 0 end as fair) f
  ), charged as (
    insert into delivery_permits (target_id, worker_id, permits, expires_at)
    select $1, $2, greatest(count, $4::int), clock_timestamp() + $5 * interval '1 millisecond' from share
    on conflict (target_id, worker_id) do update set permits = excluded.permits, expires_at = excluded.expires_at
  )
  select count, count >= fair and count >= $4::int as is_fair, workers <= $3::int as all_have from share`

export const forgetPermitsText = `
  delete from delivery_permits where target_id = $1 and expires_at < clock_timestamp() - interval '1 hour'`

export const releasePermitsText = `delete from delivery_permits where target_id = $1 and worker_id = $2`

/**
 * A token bucket as one time: it was empty at budget_at, and holds what has come since, at most $4 tokens. $2 are asked for,
 * $3 come per second, $5 were used without asking. The clock is read after the lock. A thousandth covers the rounding of times.
 */
export const drawText = `
  with locked as materialized (
    select budget_at from delivery_guards where target_id = $1 for update
  ), moment as materialized (
    select budget_at, clock_timestamp() as at from locked
  ), bucket as (
    select at, greatest(budget_at, at - make_interval(secs => $4::float8 / $3::float8))
      + make_interval(secs => $5::float8 / $3::float8) as base
    from moment
  ), draw as (
    select base, tokens, least($2::int, greatest(0, floor(tokens + 0.001)))::int as granted
    from bucket, lateral (select extract(epoch from at - base)::float8 * $3::float8 as tokens) t
  )
  update delivery_guards g set budget_at = base + make_interval(secs => granted / $3::float8)
  from draw where g.target_id = $1
  returning granted, (greatest(0, 1 - tokens) / $3::float8 * 1000)::float8 as wait_ms`

/** What a target asked for before somebody resumed it does not hold it any more. */
export const endHoldText = `
  update delivery_guards set held_until = null, held_reason = null where target_id = $1`

export const holdText = `
  update delivery_guards set held_reason = $3,
    held_until = greatest(held_until, clock_timestamp() + $2 * interval '1 millisecond')
  where target_id = $1
    and (held_until is null or held_until < clock_timestamp() + $2 * interval '1 millisecond')`

/** The rest after so many probes: $base, doubled each time up to $max, stretched. */
const restOf = (probes: string, base: string, max: string, stretch: string) =>
  `least(${max}::float8, ${base}::float8 * power(2, least(${probes}, 20))) * ${stretch}::float8 * interval '1 millisecond'`

export const noteFailuresText = `
  with lanes as (
    select array(select distinct unnest(failed_lanes || $2::text[]) limit $3) as failed
    from delivery_guards where target_id = $1 for update
  )
  update delivery_guards set failed_lanes = failed, probing_until = null,
    opened_at = coalesce(opened_at, case when cardinality(failed) >= $3 then clock_timestamp() end),
    probes = case when opened_at is null then 0 else probes end,
    probe_at = case when opened_at is not null then probe_at
      when cardinality(failed) >= $3 then clock_timestamp() + ${restOf('0', '$4', '$5', '$6')} end
  from lanes where target_id = $1`

export const noteAnswerText = `
  update delivery_guards set failed_lanes = '{}', opened_at = null, probes = 0, probe_at = null, probing_until = null
  where target_id = $1 and (opened_at is not null or cardinality(failed_lanes) > 0)`

export const takeProbeText = `
  update delivery_guards set probes = probes + 1, probing_until = clock_timestamp() + $2 * interval '1 millisecond',
    probe_at = clock_timestamp() + ${restOf('probes + 1', '$3', '$4', '$5')}
  where target_id = $1 and opened_at is not null
    and probe_at <= clock_timestamp() and coalesce(probing_until, '-infinity') <= clock_timestamp()
  returning probes`

export const readGuardStatesText = `
  select target_id,
    case when held_until > clock_timestamp() then held_until end as held_until, held_reason,
    opened_at, greatest(probe_at, probing_until) as probe_at, coalesce(probing_until > clock_timestamp(), false) as is_probing
  from delivery_guards`
