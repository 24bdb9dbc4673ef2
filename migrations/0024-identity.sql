-- Tills and machines that may come in. Only public keys: whoever reads this table can send nothing.
create table identity_clients (
  client_id      uuid        primary key,
  kind           text        not null check (kind in ('till', 'machine')),
  name           text        not null,
  -- A JWK Set (RFC 7517) without private parts.
  jwks           jsonb       not null,
  scopes         text[]      not null,
  -- Stores it may speak for; null: every store. A till has one.
  stores         text[],
  workstation_id text,
  -- What its tokens are bound to: nothing, a key that signs each request (RFC 9449), a client certificate (RFC 8705).
  binding        text        not null check (binding in ('bearer', 'dpop', 'mtls')),
  created_at     timestamptz not null default clock_timestamp(),
  revoked_at     timestamptz,
  check ((kind = 'till') = (workstation_id is not null)),
  check (kind = 'machine' or (stores is not null and cardinality(stores) = 1))
);
-- One till has one key: a second one is enrolled instead of the first.
create unique index identity_clients_till on identity_clients ((stores[1]), workstation_id)
  where kind = 'till' and revoked_at is null;
-- For the list of those whose tokens have not ended yet.
create index identity_clients_revoked on identity_clients (revoked_at) where revoked_at is not null;

-- One-time codes. The code itself is never stored: its hash is keyed, since eight characters could be tried out otherwise.
create table identity_enrolment_codes (
  code_id        uuid        primary key,
  store_id       text        not null,
  workstation_id text        not null,
  code_hash      bytea       not null,
  wrong_tries    integer     not null default 0,
  created_at     timestamptz not null default clock_timestamp(),
  expires_at     timestamptz not null,
  used_at        timestamptz
);
-- One invitation of a till at a time; another one takes its place.
create unique index identity_enrolment_codes_open on identity_enrolment_codes (store_id, workstation_id)
  where used_at is null;

-- Keys that sign tokens. The private part is sealed under a key of the master key, and forgotten when its last token has ended.
create table identity_signing_keys (
  kid            text        primary key,
  public_jwk     jsonb       not null,
  sealed_private bytea,
  created_at     timestamptz not null default clock_timestamp(),
  -- Null: published, and not used yet.
  active_from    timestamptz,
  -- Its tokens are refused from here on, whether they have ended or not.
  withdrawn_at   timestamptz
);

-- What the authorization server must remember: ids that were used, and codes, sessions and grants of people. Ids and contents are secrets of
-- their holders: ids are kept as keyed hashes, contents sealed.
create table identity_provider_state (
  model       text        not null,
  id_hash     bytea       not null,
  sealed      bytea       not null,
  grant_hash  bytea,
  uid_hash    bytea,
  code_hash   bytea,
  consumed_at timestamptz,
  expires_at  timestamptz,
  primary key (model, id_hash)
);
create index identity_provider_state_grant on identity_provider_state (grant_hash) where grant_hash is not null;
create index identity_provider_state_uid on identity_provider_state (uid_hash) where uid_hash is not null;
create index identity_provider_state_code on identity_provider_state (code_hash) where code_hash is not null;
-- For the sweep of what has ended.
create index identity_provider_state_ended on identity_provider_state (expires_at) where expires_at is not null;
