-- What all workers of a target must know before they send: one row per target, written when something happens, not per event.
create table delivery_guards (
  target_id     smallint    primary key references delivery_targets on delete cascade,
  -- The rate budget as a time: the bucket holds what has come together since then.
  budget_at     timestamptz not null default '-infinity',
  -- The target has asked for rest: nothing is sent to it until then.
  held_until    timestamptz,
  held_reason   text,
  -- Lanes that failed since anybody had an answer; three of them open the breaker.
  failed_lanes  text[]      not null default '{}',
  opened_at     timestamptz,
  -- Probes since it opened, the earliest next one, and until when the present one may be on its way.
  probes        integer     not null default 0,
  probe_at      timestamptz,
  probing_until timestamptz
) with (fillfactor = 50);
insert into delivery_guards (target_id) select target_id from delivery_targets;

-- How many requests each worker may have on their way; together never more than the target's limit.
create table delivery_permits (
  target_id  smallint    not null references delivery_targets on delete cascade,
  worker_id  text        not null,
  permits    integer     not null,
  expires_at timestamptz not null,
  primary key (target_id, worker_id)
) with (fillfactor = 50);

-- A translation that runs beside the live one and sends nothing: how often it came to the same.
create table delivery_shadows (
  target_id smallint    not null references delivery_targets on delete cascade,
  name      text        not null,
  connector text        not null,
  since     timestamptz not null default now(),
  same      bigint      not null default 0,
  different bigint      not null default 0,
  failed    bigint      not null default 0,
  -- Not compared, because delivery was faster.
  dropped   bigint      not null default 0,
  -- Why it could not be started, or what it last failed with.
  failure   text,
  primary key (target_id, name)
);

-- Which fields differed, how often, and some events to look at.
create table delivery_shadow_fields (
  target_id smallint not null,
  name      text     not null,
  field     text     not null,
  count     bigint   not null default 0,
  examples  jsonb    not null default '[]',
  primary key (target_id, name, field),
  foreign key (target_id, name) references delivery_shadows on delete cascade
);
