-- Of people of the hub's own: their account, so that what changes it ends their sessions in the same transaction.
alter table identity_people add column account_id uuid references identity_local_accounts;
create index identity_people_account on identity_people (account_id) where account_id is not null;
