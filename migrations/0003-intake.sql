-- One row per recorded transaction. transaction_id is made from the transaction key (RFC 9562 version 8), so the primary
-- key is the permanent identity: a second upload of the same till number meets it, for ever.
create table transactions (
  transaction_id    uuid        primary key,
  transaction_key   text        not null,
  content_hash      bytea       not null,
  transaction_type  text        not null,
  business_unit_id  text        not null,
  workstation_id    text,
  series            text,
  sequence_number   bigint,
  business_day_date date        not null,
  currency          text        not null,
  grand_total_minor bigint,
  worst_finding     text,
  source            text        not null,
  sender_id         text        not null,
  recorded_at       timestamptz not null
);

-- Raw bytes as they came (card digits masked), encrypted: the record of what the till really said. One per upload that was kept.
create table raw_records (
  record_id  uuid     primary key,
  key_id     bigint   not null,
  fidelity   text     not null check (fidelity in ('verbatim', 'masked')),
  sealed     bytea    not null
);
-- Encrypted bytes do not compress, and those of an ordinary receipt stay in their row.
alter table raw_records alter column sealed set storage external;
alter table raw_records set (toast_tuple_target = 8160);

-- Uploads under an identity that was recorded with other content. Nobody is overwritten; both are kept.
create table conflicts (
  conflict_id     uuid        primary key,
  transaction_id  uuid        not null references transactions,
  transaction_key text        not null,
  content_hash    bytea       not null,
  source          text        not null,
  sender_id       text        not null,
  received_at     timestamptz not null,
  state           text        not null default 'open' check (state in ('open', 'resolved')),
  unique (transaction_id, content_hash)
);

-- Uploads that were kept but are not transactions yet. Shown, never forwarded, never lost.
create table quarantine (
  quarantine_id     uuid        primary key,
  source            text        not null,
  -- Keyed digest of the masked bytes: the same upload again gets the same answer.
  fingerprint       bytea       not null,
  problem           text        not null,
  detail            text        not null,
  business_unit_id  text,
  workstation_id    text,
  series            text,
  sequence_number   bigint,
  business_day_date date,
  sender_id         text        not null,
  received_at       timestamptz not null,
  state             text        not null default 'open' check (state in ('open', 'resolved')),
  unique (source, fingerprint)
);
