-- Who must know. Settings and secrets of a target live in the settings of the installation; here is what the hub remembers of it.
create table delivery_targets (
  target_id  smallint    generated always as identity primary key,
  name       text        not null unique,
  connector  text        not null,
  state      text        not null default 'active' check (state in ('active', 'paused')),
  created_at timestamptz not null default now()
);

-- Per target and shard of the journal: who works on it, and how far delivery is. Everything up to the cursor is
-- delivered, skipped or an entry.
create table delivery_shards (
  target_id       smallint    not null references delivery_targets on delete cascade,
  shard           smallint    not null,
  cursor_xid      xid8        not null default '0',
  cursor_position bigint      not null default 0,
  owner           text,
  -- Rises with every change of owner; a commit with an older fence changes nothing.
  fence           bigint      not null default 0,
  lease_until     timestamptz,
  primary key (target_id, shard)
) with (fillfactor = 50);

create table delivery_workers (
  worker_id text        primary key,
  seen_at   timestamptz not null
);

-- Events that left the fast path. Blocking states hold their lane: sending, retry, unknown, queued.
create table delivery_entries (
  target_id       smallint    not null references delivery_targets on delete cascade,
  event_id        uuid        not null,
  shard           smallint    not null,
  xid             xid8        not null,
  position        bigint      not null,
  ordering_key    text        not null,
  state           text        not null
                  check (state in ('sending', 'retry', 'unknown', 'queued', 'waiting', 'parked', 'needs-check')),
  attempts        integer     not null default 0,
  next_attempt_at timestamptz,
  waits_for       uuid,
  deadline_at     timestamptz,
  reason_code     text,
  reason          text,
  fence           bigint      not null,
  updated_at      timestamptz not null default clock_timestamp(),
  primary key (target_id, event_id)
);
-- Serves readEntries: the lanes of a shard that are held, in journal order.
create index delivery_entries_by_lane on delivery_entries (target_id, shard, ordering_key, xid, position)
  where state in ('sending', 'retry', 'unknown', 'queued');
-- Serves readWaiting and the release of dependents.
create index delivery_entries_by_original on delivery_entries (target_id, waits_for) where waits_for is not null;

-- The end of an event at a target: one row per event and target, for ever.
create table delivery_results (
  target_id  smallint    not null references delivery_targets on delete cascade,
  event_id   uuid        not null,
  result     text        not null check (result in ('delivered', 'skipped')),
  reason     text,
  attempts   integer     not null,
  settled_at timestamptz not null default clock_timestamp(),
  primary key (target_id, event_id)
);

-- The proof that a target knows: its documents, n to m with events.
create table delivery_postings (
  target_id   smallint not null references delivery_targets on delete cascade,
  event_id    uuid     not null,
  document_id text     not null,
  kind        text     not null,
  amount      numeric(19, 5),
  tax         numeric(19, 5),
  currency    text,
  posted_at   timestamptz,
  primary key (target_id, event_id, kind, document_id)
);

-- Attempts that did not go well at once, for the journey of a receipt.
create table delivery_attempts (
  target_id   smallint    not null references delivery_targets on delete cascade,
  event_id    uuid        not null,
  attempt     integer     not null,
  outcome     text        not null,
  reason      text,
  duration_ms integer     not null,
  worker_id   text        not null,
  at          timestamptz not null default clock_timestamp()
);
create index delivery_attempts_by_event on delivery_attempts (event_id, target_id);
