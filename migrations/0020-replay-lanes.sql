-- A replay takes its next items lane by lane, and steps over a lane that is held without a look at its items.
--
-- These indexes have the replay in a form of their own, on purpose: a plan of half a million items was not there when the table was
-- analysed last, PostgreSQL takes it for one row, and goes through all of it in whichever index serves the replay alone. So each
-- statement has one index to choose: the primary key where events are named, the text of the replay where a state is, its bytes for pages.
-- Serves pickItems.
create index delivery_replay_items_by_lane on delivery_replay_items ((replay_id::text), shard, ordering_key, xid, position) where state = 'planned';
drop index delivery_replay_items_next;
-- Serves settleItems: what is on its way.
create index delivery_replay_items_released on delivery_replay_items ((replay_id::text)) where state = 'released';
drop index delivery_replay_items_open;
-- Serves readItems: pages in journal order.
create index delivery_replay_items_by_place on delivery_replay_items (uuid_send(replay_id), xid, position);
drop index delivery_replay_items_in_order;
-- Serves prunePlans: plans that nobody may run any more, and what was left of a plan that never came to its end.
create index delivery_replays_unused on delivery_replays (planned_at) where started_at is null;
