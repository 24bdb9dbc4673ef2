-- People as a provider named them when they signed in last. Who they are is sealed; acts name them by their id here.
create table identity_people (
  person_id    uuid        primary key,
  -- Keyed hash of the provider and of its name for the person.
  subject_hash bytea       not null unique,
  sealed       bytea       not null,
  created_at   timestamptz not null default clock_timestamp(),
  signed_in_at timestamptz not null default clock_timestamp()
);

-- Codes by which whoever may use the machine itself lets an administrator in, while the provider is away.
create table identity_break_glass (
  break_glass_id uuid        primary key,
  -- Keyed hash: the code itself is shown once and stored nowhere.
  code_hash      bytea       not null unique,
  reason         text        not null,
  issued_by      text        not null,
  created_at     timestamptz not null default clock_timestamp(),
  expires_at     timestamptz not null,
  used_at        timestamptz
);

-- Sessions of browsers. Their secret is with the browser alone: whoever reads this table can be nobody.
create table identity_sessions (
  session_id     uuid        primary key,
  -- SHA-256 of a secret of 256 bits.
  secret_hash    bytea       not null unique,
  person_id      uuid        references identity_people,
  break_glass_id uuid        references identity_break_glass,
  -- Roles and where they end, as they were at sign-in: [{"role": "operator", "region": "north"}].
  grants         jsonb       not null check (jsonb_typeof(grants) = 'array'),
  -- What the provider said of groups, and its token by which it knows what to end.
  sealed         bytea       not null,
  created_at     timestamptz not null default clock_timestamp(),
  -- Written once a minute at most.
  seen_at        timestamptz not null default clock_timestamp(),
  ends_at        timestamptz not null,
  check (num_nonnulls(person_id, break_glass_id) = 1)
);
-- For the sweep of what has ended.
create index identity_sessions_ended on identity_sessions (ends_at);
create index identity_sessions_person on identity_sessions (person_id) where person_id is not null;
create index identity_sessions_break_glass on identity_sessions (break_glass_id) where break_glass_id is not null;
