-- Keys that encrypt raw bytes, each wrapped by the master key, which never comes near the database. A subject has one key,
-- so that destroying it erases all the copies it sealed; everything else is sealed by the data key of a process and day.
create table data_keys (
  key_id        bigint      generated always as identity primary key,
  kind          text        not null check (kind in ('data', 'subject')),
  -- Keyed hash of the subject: a copy of the table does not tell who the customers are.
  subject_index bytea,
  wrapped_key   bytea,
  created_at    timestamptz not null default clock_timestamp(),
  destroyed_at  timestamptz,
  check ((wrapped_key is null) = (destroyed_at is not null)),
  check (kind = 'subject' or subject_index is null)
);

-- Serves createSubjectKeys and destroySubjectKey; one living key per subject.
create unique index data_keys_by_subject on data_keys (subject_index) where subject_index is not null;

-- One row: tells at start whether this is the master key that the stored data was sealed with.
create table vault_check (
  only_row  boolean primary key default true check (only_row),
  key_check bytea   not null
);
