-- How the provider names the session by which somebody signed in (`sid`), as a keyed hash with the provider: it may say that it has ended.
alter table identity_sessions add column provider_session_hash bytea;
-- Serves deleteSessionsOfProvider.
create index identity_sessions_provider on identity_sessions (provider_session_hash)
  where provider_session_hash is not null;
