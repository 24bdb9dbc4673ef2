-- Acts and conflicts are sealed in an order without holes, as events are: by the transaction that wrote them. What is there already
-- counts as written by this migration.
alter table audit_acts
  add column xid    xid8 not null default pg_current_xact_id(),
  -- What was so until the act, and since.
  add column before json,
  add column after  json;
-- Serves readActsBetween.
create index audit_acts_in_order on audit_acts (xid, act_id);
alter table conflicts add column xid xid8 not null default pg_current_xact_id();
-- Serves readConflictsBetween.
create index conflicts_in_order on conflicts (xid, conflict_id);

-- Seals over everything that was recorded until then: each holds the root of its entries' Merkle tree and the hash of the one before.
create table audit_checkpoints (
  checkpoint_no bigint primary key,
  -- What is signed, a tab, the signature: the very line of the checkpoint file.
  line          text   not null,
  -- Kind (1 byte), id (16) and digest (32) of each entry, in order: the leaves of the tree, so that a bad one is named.
  entries       bytea  not null
);
-- Digests do not compress.
alter table audit_checkpoints alter column entries set storage external;

create table audit_keys (
  -- The public key (Ed25519, RFC 8032), base64url.
  key            text        primary key,
  -- Sealed by the master key; destroyed when the next key takes over, so that nobody seals the past anew.
  sealed_private bytea,
  -- Keyed hash of the key: only who has the master key made it.
  voucher        bytea       not null,
  created_at     timestamptz not null default clock_timestamp(),
  retired_at     timestamptz,
  check ((sealed_private is null) = (retired_at is not null))
);
-- One key signs at a time.
create unique index audit_keys_in_use on audit_keys ((true)) where retired_at is null;

create function refuse_change_of_checkpoints() returns trigger language plpgsql as $$
begin
  raise exception 'audit_checkpoints is append-only';
end $$;
create trigger checkpoints_are_kept before update or delete or truncate on audit_checkpoints
  for each statement execute function refuse_change_of_checkpoints();
