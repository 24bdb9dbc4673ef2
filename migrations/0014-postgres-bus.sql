-- A bus without a broker: messages of topics, read by groups. For installations whose sources publish by SQL, and for trying a bus.
create table bus_topics (
  topic_id         integer     generated always as identity primary key,
  topic            text        not null unique,
  partitions_count smallint    not null check (partitions_count > 0),
  retention_ms     bigint      not null check (retention_ms > 0),
  created_at       timestamptz not null default now()
);

-- Readers go by (xid, position) below pg_snapshot_xmin, as those of the journal do and for the same reason.
create table bus_messages (
  topic_id     integer     not null references bus_topics on delete cascade,
  partition    smallint    not null,
  xid          xid8        not null default pg_current_xact_id(),
  position     bigint      generated always as identity,
  ordering_key text        not null,
  headers      json        not null,
  -- The attributes of CloudEvents 1.0; null where it is none.
  cloud_event  json,
  content_type text        not null,
  body         bytea       not null,
  published_at timestamptz not null default clock_timestamp(),
  -- Serves readMessages and pruneMessages: a partition in order.
  primary key (topic_id, partition, xid, position)
);

-- How far a group is in a partition, and who works on it. A new group begins with the oldest message that is kept.
create table bus_cursors (
  group_name  text     not null,
  topic_id    integer  not null references bus_topics on delete cascade,
  partition   smallint not null,
  xid         xid8     not null default '0',
  position    bigint   not null default 0,
  owner       text,
  -- Rises with every change of owner; a commit with an older fence changes nothing.
  fence       bigint   not null default 0,
  lease_until timestamptz,
  primary key (group_name, topic_id, partition)
) with (fillfactor = 50);

-- The consumers of a group, by the topics that they read: partitions are shared among those that were seen lately.
create table bus_members (
  group_name text        not null,
  topic_id   integer     not null references bus_topics on delete cascade,
  member_id  text        not null,
  seen_at    timestamptz not null,
  primary key (group_name, topic_id, member_id)
);

-- The partition of a key: of its hash, so that it is the same whoever publishes, and stays so after a dump and restore.
create function bus_partition_of(ordering_key text, partitions_count integer) returns smallint
  language sql immutable strict parallel safe
  return ((get_byte(sha256(convert_to(ordering_key, 'UTF8')), 0) * 65536
    + get_byte(sha256(convert_to(ordering_key, 'UTF8')), 1) * 256
    + get_byte(sha256(convert_to(ordering_key, 'UTF8')), 2)) % partitions_count)::smallint;

-- For those who publish by SQL, in a transaction of their own: the message is there when they commit.
create function bus_publish(topic text, ordering_key text, body bytea,
  content_type text default 'application/json', cloud_event json default null, headers json default '{}') returns void
  language plpgsql as $$
declare
  found_topic bus_topics;
begin
  select * into found_topic from bus_topics t where t.topic = bus_publish.topic;
  if not found then
    raise exception 'there is no topic %', bus_publish.topic using errcode = 'no_data_found';
  end if;
  insert into bus_messages (topic_id, partition, ordering_key, headers, cloud_event, content_type, body)
  values (found_topic.topic_id, bus_partition_of(bus_publish.ordering_key, found_topic.partitions_count),
    bus_publish.ordering_key, bus_publish.headers, bus_publish.cloud_event, bus_publish.content_type, bus_publish.body);
  perform pg_notify('tillflow_bus', '');
end $$;
