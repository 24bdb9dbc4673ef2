-- Keys of this installation that stay the same when the master key is replaced: those of blind indexes, fingerprints, references
-- and tombstones. Sealed by the master key like every other key.
create table installation_keys (
  purpose     text        primary key,
  wrapped_key bytea       not null,
  -- Which master key wraps it, as in data_keys.
  wrapping    bytea       not null,
  created_at  timestamptz not null default clock_timestamp()
);
-- Null: the first master key of this installation.
alter table data_keys add column wrapping bytea;
-- Serves readKeysToRewrap.
create index data_keys_living on data_keys (key_id) where wrapped_key is not null;
-- The master key that a replacement under way leads to; nothing is sealed or opened until it has come to its end.
alter table vault_check add column next_check bytea;

-- Serves findRecordsOfKeys: what a person's key has sealed.
create index raw_records_by_key on raw_records (key_id);
-- `erased`: a person asked for it. The bytes are gone with their key, or empty where the key is somebody else's.
alter table raw_records drop constraint raw_records_fidelity_check;
alter table raw_records add constraint raw_records_fidelity_check check (fidelity in ('verbatim', 'masked', 'erased'));

-- Who else a record names than the person whose key seals it: a loyalty account beside a customer. subject_index is a keyed hash.
create table personal_mentions (
  subject_index bytea not null,
  record_id     uuid  not null,
  primary key (subject_index, record_id)
);
-- Serves the pruning of raw records.
create index personal_mentions_by_record on personal_mentions (record_id);
-- Since when mentions are written; what is older is searched through.
create table personal_mentions_since (
  only_row boolean     primary key default true check (only_row),
  since    timestamptz not null default clock_timestamp()
);
insert into personal_mentions_since default values;

-- What of the raw records was taken away since they were written, for whoever compares them with an older seal.
create table raw_erasures (
  record_id         uuid        primary key,
  key_id            bigint      not null,
  fidelity          text        not null,
  ciphertext_sha256 bytea       not null,
  -- `person`: named somebody who is erased. `retention`: older than a rule of retention allows.
  cause             text        not null check (cause in ('person', 'retention')),
  erasure_id        uuid,
  erased_at         timestamptz not null default clock_timestamp()
);

-- Who asked to be forgotten: tombstones, kept for ever, without a name. subject_index finds the person again in an older copy.
create table erasures (
  erasure_id     uuid        primary key,
  subject_index  bytea       not null,
  kind           text        not null check (kind in ('customer', 'loyalty')),
  reference      text        not null,
  reason         text        not null,
  actor          text        not null,
  state          text        not null check (state in ('running', 'settling', 'finished')),
  -- The name itself while the work is not done, sealed by the day's data key.
  key_id         bigint,
  sealed_subject bytea,
  progress       json        not null default '{}',
  counts         json        not null default '{}',
  requested_at   timestamptz not null default clock_timestamp(),
  rewritten_at   timestamptz,
  finished_at    timestamptz,
  check ((sealed_subject is null) = (key_id is null))
);
-- One at a time of a person; serves the runner that goes on with what was left.
create unique index erasures_open on erasures (subject_index) where state <> 'finished';
-- Serves readErasures and the comparison with the file of tombstones.
create index erasures_by_time on erasures (requested_at, erasure_id);

-- The records of an erasure under way.
create table erasure_records (
  erasure_id uuid    not null references erasures on delete cascade,
  record_id  uuid    not null,
  done       boolean not null default false,
  primary key (erasure_id, record_id)
);
create index erasure_records_open on erasure_records (erasure_id, record_id) where not done;

-- Somebody's data must be kept, whoever asks for its erasure. Null subject_index: everything, so that nothing is pruned either.
create table legal_holds (
  hold_id       uuid        primary key,
  subject_index bytea,
  reference     text,
  reason        text        not null,
  placed_by     text        not null,
  placed_at     timestamptz not null default clock_timestamp(),
  released_by   text,
  release_reason text,
  released_at   timestamptz,
  check ((subject_index is null) = (reference is null))
);
create index legal_holds_in_force on legal_holds (subject_index) where released_at is null;

-- Up to when each class of data was deleted by a rule of retention: what is older and missing is not lost.
create table retention_cuts (
  data_class text        primary key,
  cut_at     timestamptz not null,
  pruned     bigint      not null default 0,
  -- Where the rule goes on; null: at the beginning.
  place      text,
  updated_at timestamptz not null default clock_timestamp()
);
