-- What an event has had done at a target whose connector needs several documents for one receipt, step by step, so that an
-- attempt that was killed is taken up where it stopped. A step is written when the target has answered that it is done.
create table delivery_steps (
  target_id   smallint    not null references delivery_targets on delete cascade,
  event_id    uuid        not null,
  step        text        not null,
  document_id text        not null,
  kind        text        not null,
  amount      numeric(19, 5),
  tax         numeric(19, 5),
  currency    text,
  posted_at   timestamptz,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (target_id, event_id, step)
);
