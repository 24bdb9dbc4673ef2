-- Why nothing is sent to a target that is paused, and since when.
alter table delivery_targets
  add column pause_code   text check (pause_code in ('gone', 'operator')),
  add column pause_reason text,
  add column paused_at    timestamptz,
  -- Rises with every resume: an answer to a request of before says nothing about the target of today.
  add column resumes_count integer not null default 0;
-- Nothing could pause a target before, but a row that somebody paused by hand stays paused, with a reason.
update delivery_targets set pause_code = 'operator', pause_reason = 'paused by hand', paused_at = now() where state = 'paused';
alter table delivery_targets add check
  ((state = 'paused') = (pause_code is not null and pause_reason is not null and paused_at is not null));
