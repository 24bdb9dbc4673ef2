-- What one commit of delivery has settled of a shard, in one row instead of one for each event: of a backlog, at most a third of the work and
-- about a quarter of the log of PostgreSQL. Only events that were delivered at the first attempt without an entry, with one document or none; everything
-- else has a row in delivery_results, and so have events that a replay takes out of their batch.
create table delivery_result_batches (
  target_id      smallint    not null,
  shard          smallint    not null,
  -- The cursor that this commit moved the shard to. All events of the batch lie between it and that of the batch before.
  xid            xid8        not null,
  position       bigint      not null,
  settled_at     timestamptz not null default clock_timestamp(),
  events_count   integer     not null,
  event_ids      uuid[]      not null,
  -- Of the events in their order. One element: the same for all of them; null: none has it.
  document_ids   text[],
  document_kinds text[],
  amounts        numeric(19, 5)[],
  taxes          numeric(19, 5)[],
  currencies     text[],
  posted_at      timestamptz[],
  primary key (target_id, shard, xid, position)
);
-- A batch of up to a hundred events or so stays in its row, as receipts do: to compress it costs more than all the rest.
alter table delivery_result_batches set (toast_tuple_target = 8160);

-- Where an event lies in the journal; none: it is not there.
create function journal_place_of(event uuid) returns table (shard smallint, xid xid8, "position" bigint)
language sql stable as $$
  select j.shard, j.xid, j.position from journal_events j where j.event_id = event
$$;

-- The batch of a target that an event would be in: the first one whose commit had passed it.
create function delivery_batch_of(target smallint, event uuid) returns setof delivery_result_batches
language sql stable as $$
  select b.* from journal_place_of(event) place cross join lateral (
    select * from delivery_result_batches b
    where b.target_id = target and b.shard = place.shard and (b.xid, b.position) >= (place.xid, place.position)
    order by b.xid, b.position limit 1) b
$$;

-- The results in a batch, one for each event. The only place that knows how its columns are written.
create function delivery_results_in(batch delivery_result_batches) returns table (
  event_id uuid, result text, reason text, attempts integer, settled_at timestamptz,
  document_id text, document_kind text, amount numeric, tax numeric, currency text, posted_at timestamptz
)
language sql immutable as $$
  select event_id, 'delivered', null, 1, batch.settled_at,
    batch.document_ids[least(i, cardinality(batch.document_ids))], batch.document_kinds[least(i, cardinality(batch.document_kinds))],
    batch.amounts[least(i, cardinality(batch.amounts))], batch.taxes[least(i, cardinality(batch.taxes))],
    batch.currencies[least(i, cardinality(batch.currencies))], batch.posted_at[least(i, cardinality(batch.posted_at))]
  from (select id as event_id, place::integer as i from unnest(batch.event_ids) with ordinality as t (id, place)) e
$$;

-- How an event ended at a target, wherever that is written. Whoever asks for a result asks this.
create function delivery_result_of(target smallint, event uuid) returns table (
  event_id uuid, result text, reason text, attempts integer, settled_at timestamptz,
  document_id text, document_kind text, amount numeric, tax numeric, currency text, posted_at timestamptz
)
language sql stable as $$
  select r.event_id, r.result, r.reason, r.attempts, r.settled_at, r.document_id, r.document_kind, r.amount, r.tax, r.currency, r.posted_at
  from delivery_results r where r.target_id = target and r.event_id = event
  union all
  select r.* from delivery_batch_of(target, event) b cross join lateral delivery_results_in(b) r where r.event_id = event
$$;

-- The documents of an event at a target. Whoever asks for documents asks this.
create function delivery_documents_of(target smallint, event uuid) returns table (
  document_id text, kind text, amount numeric, tax numeric, currency text, posted_at timestamptz
)
language sql stable as $$
  select r.document_id, r.document_kind, r.amount, r.tax, r.currency, r.posted_at
  from delivery_result_of(target, event) r where r.document_id is not null
  union all
  select p.document_id, p.kind, p.amount, p.tax, p.currency, p.posted_at
  from delivery_postings p where p.target_id = target and p.event_id = event
$$;
-- All documents there are, for reports; of one event, the function finds them at once.
create or replace view delivery_documents as
  select target_id, event_id, document_id, document_kind as kind, amount, tax, currency, posted_at
  from delivery_results where document_id is not null
  union all
  select target_id, event_id, document_id, kind, amount, tax, currency, posted_at from delivery_postings
  union all
  select b.target_id, r.event_id, r.document_id, r.document_kind, r.amount::numeric(19, 5), r.tax::numeric(19, 5), r.currency, r.posted_at
  from delivery_result_batches b cross join lateral delivery_results_in(b) r where r.document_id is not null;

create or replace function forget_target_results() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    truncate delivery_results, delivery_result_batches, delivery_postings;
  else
    delete from delivery_results r using gone where r.target_id = gone.target_id;
    delete from delivery_result_batches b using gone where b.target_id = gone.target_id;
    delete from delivery_postings p using gone where p.target_id = gone.target_id;
  end if;
  return null;
end $$;
