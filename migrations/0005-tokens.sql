-- API tokens of machines and tills. The secret itself is never stored.
create table api_tokens (
  token_id     uuid        primary key,
  -- The public part, for finding a token in a log or a list.
  prefix       text        not null unique,
  secret_hash  bytea       not null,
  name         text        not null,
  -- Stores this token may speak for; null: every store.
  stores       text[],
  scopes       text[]      not null,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
