-- The numbers seen of one till series, as ranges. Gaps are what lies between them.
create table till_series (
  series_key        text           primary key,
  business_unit_id  text           not null,
  workstation_id    text           not null,
  series            text           not null,
  -- Only where the numbering restarts daily.
  business_day_date date,
  seen              int8multirange not null,
  updated_at        timestamptz    not null
);

-- Missing till numbers, named: [first_number, last_number].
create table gaps (
  gap_id       bigint      generated always as identity primary key,
  series_key   text        not null references till_series,
  first_number bigint      not null,
  last_number  bigint      not null,
  found_at     timestamptz not null,
  closed_at    timestamptz,
  state        text        not null default 'open' check (state in ('open', 'filled', 'explained')),
  explanation  text
);
create unique index gaps_open on gaps (series_key, first_number) where state = 'open';
