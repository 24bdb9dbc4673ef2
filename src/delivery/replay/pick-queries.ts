/** The statements that choose the next items of a replay. $1 is the replay, $2 the target, $3 shards, $4 items of a lane, $5 items. */

const blocking = `('sending', 'retry', 'unknown', 'queued')`
/** What stops its lane at a target with strict order. */
const stopping = `('waiting', 'parked', 'needs-check')`

/** Only the index of lanes serves this: see its migration. */
const isPlanned = `i.replay_id::text = $1::uuid::text and i.state = 'planned'`

const nextLane = (shard: string, isBehind: string): string => `
  select i.ordering_key from delivery_replay_items i
  where ${isPlanned} and i.shard = ${shard} and ${isBehind} order by i.ordering_key limit 1`

/** An original of the item, perhaps of another lane, is in the set and was not let go yet. Two that name one another wait for nobody. */
const hasPlannedOriginal = (isBefore: string): string => `exists (
  select from delivery_replay_items o where o.replay_id = $1 and o.event_id = any(i.depends_on) and o.event_id <> i.event_id
    and o.state = 'planned' and i.event_id <> all (coalesce(o.depends_on, '{}')) and ${isBefore})`

const stoppedBefore = (place: string): string => `exists (
  select from delivery_entries p where p.target_id = $2 and p.shard = lane.shard and p.ordering_key = lane.ordering_key
    and p.state in ${stopping} and (p.xid, p.position) < (${place}.xid, ${place}.position))`

const columns = 'i.event_id, i.xid, i.position, i.state_before, i.settled_before::text as settled_before'
const ofLane = `delivery_replay_items i where ${isPlanned} and i.shard = lane.shard and i.ordering_key = lane.ordering_key`

/** Items of a lane in their order; a dependent comes after its original, and like one that waits it does not hold its lane. */
const itemsOfLane = (itemsMax: string): string => `
  select ${columns} from ${ofLane} and (i.depends_on is null or not ${hasPlannedOriginal('true')})
  order by i.xid, i.position limit ${itemsMax}`

/**
 * The same where the order is strict: the lane goes no further than to what is stopped at the target, or to a dependent whose original
 * comes before it in the journal and was not let go. One whose original is younger would wait for ever in a circle of two lanes.
 */
const itemsOfStrictLane = (itemsMax: string): string => `
  select * from (
    select n.*, bool_or(n.waits) over (order by n.xid, n.position) as is_behind from (
      select ${columns}, ${stoppedBefore('i')} or (i.depends_on is not null
        and ${hasPlannedOriginal('(o.xid, o.position) < (i.xid, i.position)')}) as waits
      from ${ofLane} order by i.xid, i.position limit ${itemsMax}
    ) n
  ) n where not n.is_behind`

/** Anything of a lane is under way, or about to be; what stands behind a stopped event is not, and holds nobody back who is before it. */
const isHeld = (isReached: string): string => `exists (
  select from delivery_entries e where e.target_id = $2 and e.shard = lane.shard and e.ordering_key = lane.ordering_key
    and e.state in ${blocking} and ${isReached})`

function pickItems(items: (itemsMax: string) => string, isReached: string): string {
  return `
  with recursive lanes as (
    select s.shard, i.ordering_key from unnest($3::smallint[]) as s (shard) cross join lateral (${nextLane('s.shard', 'true')}) i
    union all
    select l.shard, i.ordering_key from lanes l cross join lateral (${nextLane('l.shard', 'i.ordering_key > l.ordering_key')}) i
  ), first_lanes as (
    select lane.shard, lane.ordering_key from lanes lane cross join lateral (${items('1')}) head
    where not ${isHeld(isReached)}
    order by head.xid, head.position limit $5
  )
  select n.event_id, lane.shard, n.state_before, n.settled_before
  from first_lanes lane cross join lateral (${items('$4')}) n
  order by n.xid, n.position limit $5`
}

/**
 * The next items of these shards in journal order. A lane that anything holds is left until it is free, so that live events that
 * came behind go before the next portion. Goes from lane to lane in the index: what is looked at depends on the lanes, and not on
 * how many items are left.
 */
export const pickItemsText = pickItems(itemsOfLane, 'true')
export const pickItemsStrictlyText = pickItems(itemsOfStrictLane, `not ${stoppedBefore('e')}`)
