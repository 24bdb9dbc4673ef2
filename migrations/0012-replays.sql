-- What people did to the installation: who, what, to what, why. Written in the commit of the act itself, never changed.
create table audit_acts (
  act_id  bigint      generated always as identity primary key,
  at      timestamptz not null default clock_timestamp(),
  -- Who: `cli:<account of the machine>` or `token:<id>`.
  actor   text        not null,
  act     text        not null,
  -- What it was done to: `target:<name>`, `replay:<id>`.
  object  text        not null,
  reason  text,
  details json        not null default '{}'
);
-- Serves readActs.
create index audit_acts_by_object on audit_acts (object, act_id);
create function refuse_change_of_acts() returns trigger language plpgsql as $$
begin
  raise exception 'audit_acts is append-only';
end $$;
create trigger acts_are_kept before update or delete or truncate on audit_acts
  for each statement execute function refuse_change_of_acts();

-- A target that is draining gets everything that was recorded before drain_until, nothing newer, and is paused then.
alter table delivery_targets
  drop constraint delivery_targets_state_check,
  add constraint delivery_targets_state_check check (state in ('active', 'draining', 'paused')),
  add column drain_until  xid8,
  add column drain_reason text,
  add column drain_since  timestamptz,
  add check ((state = 'draining') = (drain_until is not null and drain_reason is not null and drain_since is not null));

-- An entry that a replay made says how it is sent: looked for first, and under which generation of the idempotency key.
alter table delivery_entries
  add column replay_id  uuid,
  add column look_first boolean not null default false,
  add column generation integer not null default 0;

-- How often an event was sent again on purpose, each time under an idempotency key of its own. What the target made of earlier
-- generations is no proof of the present one.
create table delivery_generations (
  target_id  smallint not null references delivery_targets on delete cascade,
  event_id   uuid     not null,
  generation integer  not null,
  -- `<kind>/<document id>` of every document of an earlier generation.
  superseded text[]   not null,
  primary key (target_id, event_id)
);

-- A replay is planned first; what runs is exactly the set of its items.
create table delivery_replays (
  replay_id       uuid        primary key,
  target_id       smallint    not null references delivery_targets on delete cascade,
  mode            text        not null check (mode in ('missing', 'again')),
  state           text        not null
                  check (state in ('planning', 'planned', 'running', 'paused', 'aborting', 'aborted', 'finished')),
  filter          json        not null,
  reason          text        not null,
  planned_by      text        not null,
  rate_per_second integer     not null,
  -- What the plan counted: {"matched", "items": {state: n}, "left": {reason: n}, "follow"}.
  counts          json        not null default '{}',
  planned_at      timestamptz not null default clock_timestamp(),
  started_at      timestamptz,
  ended_at        timestamptz,
  -- When items were last let go, for the rate.
  fed_at          timestamptz
);
-- At most one is under way at a target. Serves the question before every cycle, too.
create unique index delivery_replays_under_way on delivery_replays (target_id) where state in ('running', 'paused', 'aborting');
-- Serves readReplays: the newest first.
create index delivery_replays_by_time on delivery_replays (planned_at desc);

create table delivery_replay_items (
  replay_id      uuid        not null references delivery_replays on delete cascade,
  event_id       uuid        not null,
  shard          smallint    not null,
  xid            xid8        not null,
  position       bigint      not null,
  ordering_key   text        not null,
  depends_on     uuid[],
  -- As previewed; an event that is something else by the time its turn comes is left alone.
  state_before   text        not null,
  reason_before  text,
  settled_before timestamptz,
  state          text        not null default 'planned' check (state in ('planned', 'released', 'left', 'done')),
  left_because   text,
  generation     integer     not null default 0,
  released_at    timestamptz,
  -- What the hub had of the event until then: its result, documents and steps.
  before         json,
  outcome        text,
  ended_at       timestamptz,
  primary key (replay_id, event_id)
);
-- Serves pickItems: what is to be let go next, by shard in journal order.
create index delivery_replay_items_next on delivery_replay_items (replay_id, shard, xid, position) where state = 'planned';
-- Serves settleItems: what is on its way.
create index delivery_replay_items_open on delivery_replay_items (replay_id) where state = 'released';
-- Serves readItems: pages in journal order.
create index delivery_replay_items_in_order on delivery_replay_items (replay_id, xid, position);
-- Serves the journey of a receipt.
create index delivery_replay_items_by_event on delivery_replay_items (event_id) where state <> 'planned';
