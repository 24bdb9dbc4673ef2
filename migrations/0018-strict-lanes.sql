-- At a target with strict order a lane is also held by what was stopped: readHeldStrictly and readDueStrictly read it in every cycle.
-- Serves the four reads of held lanes, since their states are among these.
drop index delivery_entries_by_lane;
create index delivery_entries_by_lane on delivery_entries (target_id, shard, ordering_key, xid, position)
  where state in ('sending', 'retry', 'unknown', 'queued', 'waiting', 'parked', 'needs-check');
