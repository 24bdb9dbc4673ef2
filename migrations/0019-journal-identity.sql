-- Which journal this is, so that two installations on one bus tell each other's events apart. Made once. A copy of a database has the
-- id of the original: it needs one of its own before it publishes to the same bus.
create table journal_identity (
  is_only    boolean primary key default true check (is_only),
  journal_id uuid    not null default gen_random_uuid()
);
insert into journal_identity default values;

-- The addresses of the broker that has confirmed what lies before the cursor; null until it has confirmed something since there is this column.
alter table relays add column brokers text[];
