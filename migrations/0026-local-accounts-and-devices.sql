-- People of the hub's own, where no provider knows them. A name is personal data: found by a keyed hash, kept sealed.
create table identity_local_accounts (
  account_id         uuid        primary key,
  name_hash          bytea       not null unique,
  sealed_name        bytea       not null,
  -- Roles and where they end: [{"role": "operator", "region": "north"}].
  grants             jsonb       not null check (jsonb_typeof(grants) = 'array'),
  -- scrypt with its costs and salt, over the password under a key of the installation; null: none was chosen yet.
  password_hash      text,
  password_set_at    timestamptz,
  -- A one-time code by which its owner chooses a password.
  invitation_hash    bytea,
  invitation_ends_at timestamptz,
  created_at         timestamptz not null default clock_timestamp(),
  disabled_at        timestamptz
);

-- Guesses at passwords and at codes of tills, by a keyed hash of whom or whose they are: an account, whether it is there or not, an address,
-- somebody who types codes.
create table identity_tries (
  subject_hash bytea       primary key,
  failures     integer     not null,
  last_at      timestamptz not null default clock_timestamp(),
  locked_until timestamptz
);
-- For the sweep of what is old.
create index identity_tries_old on identity_tries (last_at);

-- A till may be invited by its key instead of a code: a manager has seen it and said which till it is.
alter table identity_enrolment_codes alter column code_hash drop not null;
alter table identity_enrolment_codes add column key_thumbprint text;
alter table identity_enrolment_codes add constraint identity_enrolment_codes_by check (
  (code_hash is null) <> (key_thumbprint is null));

-- A till that waits for its approval asks again and again; how often it may.
alter table identity_provider_state add column asked_at timestamptz;
alter table identity_provider_state add column ask_every_seconds integer not null default 5;
