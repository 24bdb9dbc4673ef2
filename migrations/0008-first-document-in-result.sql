-- An ordinary delivered event is one row with one index: its first document lies in its result.
alter table delivery_results
  add column document_id   text,
  add column document_kind text,
  add column amount        numeric(19, 5),
  add column tax           numeric(19, 5),
  add column currency      text,
  add column posted_at     timestamptz;

-- Further documents of an event are in delivery_postings, and so is what an earlier version wrote there: it is not moved, for
-- that would rewrite every result of years while the hub waits. Whoever asks for documents asks this view.
create view delivery_documents as
  select target_id, event_id, document_id, document_kind as kind, amount, tax, currency, posted_at
  from delivery_results where document_id is not null
  union all
  select target_id, event_id, document_id, kind, amount, tax, currency, posted_at from delivery_postings;

-- A foreign key looks for the target once for each row, a third of what a commit costs. It says nothing that is not known: a
-- result is written only by a commit that holds the row of its target's shard, which is gone when the target is.
alter table delivery_results drop constraint delivery_results_target_id_fkey;
alter table delivery_postings drop constraint delivery_postings_target_id_fkey;

-- What the foreign keys did when a target is deleted. The shards go first and wait for commits that are on their way.
create function forget_target_results() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    truncate delivery_results, delivery_postings;
  else
    delete from delivery_results r using gone where r.target_id = gone.target_id;
    delete from delivery_postings p using gone where p.target_id = gone.target_id;
  end if;
  return null;
end $$;
create trigger forget_results_of_deleted after delete on delivery_targets
  referencing old table as gone for each statement execute function forget_target_results();
create trigger forget_results_of_all after truncate on delivery_targets
  for each statement execute function forget_target_results();
