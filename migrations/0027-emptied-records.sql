-- Records that were emptied together: an act names each portion, how many records it has and a hash over them under a key that is not in
-- the database, and is sealed like every act. Null: emptied before acts named them.
alter table raw_erasures add column portion uuid;
-- Serves describeEmptied.
create index raw_erasures_by_portion on raw_erasures (portion, record_id) where portion is not null;

-- Events of erased persons whose free text was emptied: hashes of the form that is sealed, before and since, so that a seal of before
-- still holds and whatever is changed afterwards is still found.
create table event_erasures (
  event_id      uuid  primary key,
  before_sha256 bytea not null,
  after_sha256  bytea not null,
  portion       uuid  not null
);
-- Serves describeEmptiedEvents.
create index event_erasures_by_portion on event_erasures (portion, event_id);

-- Serves rewriteMessages: what the hub published of a receipt.
create index bus_messages_by_event on bus_messages ((cloud_event ->> 'id')) where cloud_event is not null;
