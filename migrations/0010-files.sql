-- Files that were uploaded as a whole and are recorded slice by slice afterwards. next_slice is moved after the slices before it
-- were recorded; a hub that dies goes on there. fence counts the claims: a late commit of an old claim changes nothing.
create table files (
  file_id       uuid        primary key,
  name          text        not null,
  source        text        not null,
  account       text,
  sender_id     text        not null,
  -- Stores that the sender might speak for when the file came; null: every store.
  sender_stores text[],
  state         text        not null check (state in ('uploading', 'waiting', 'done', 'rejected')),
  bytes         bigint      not null default 0,
  sha256        bytea,
  masked        boolean     not null default false,
  slices        bigint      not null default 0,
  recorded      bigint      not null default 0,
  duplicates    bigint      not null default 0,
  quarantined   bigint      not null default 0,
  conflicts     bigint      not null default 0,
  refused       bigint      not null default 0,
  noted         bigint      not null default 0,
  problem       text,
  detail        text,
  received_at   timestamptz not null default clock_timestamp(),
  finished_at   timestamptz,
  claimed_until timestamptz,
  fence         bigint      not null default 0,
  -- Tries in a row that ended at the same slice.
  failures      integer     not null default 0
);
-- For the worker that looks for the next one, and for the sweep of uploads that broke off.
create index files_open on files (received_at) where state in ('uploading', 'waiting');
-- For "was this content here before?".
create index files_content on files (source, sha256) where state = 'done';
-- For the list, newest first.
create index files_received on files (received_at desc, file_id desc);

-- The bytes, encrypted, until all of them are recorded; the slices are kept by intake then.
create table file_chunks (
  file_id  uuid    not null references files on delete cascade,
  chunk    integer not null,
  key_id   bigint  not null,
  sealed   bytea   not null,
  primary key (file_id, chunk)
);
alter table file_chunks alter column sealed set storage external;

-- Slices that were not recorded, by their place in the file.
create table file_errors (
  file_id  uuid   not null references files on delete cascade,
  slice    bigint not null,
  kind     text   not null,
  code     text,
  detail   text,
  primary key (file_id, slice)
);
