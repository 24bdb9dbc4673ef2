-- Of somebody of the hub's own who was disabled long ago stays the account, which acts name; the name goes, and the hash by which it was found,
-- so that somebody else may have it.
alter table identity_local_accounts alter column name_hash drop not null;
alter table identity_local_accounts alter column sealed_name drop not null;
alter table identity_local_accounts add constraint identity_local_accounts_named check (
  (name_hash is null) = (sealed_name is null) and (name_hash is not null or disabled_at is not null));
