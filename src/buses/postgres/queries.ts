import type { ClientBase, Pool } from 'pg'
import type { BusMessage, PartitionRef, TopicPlan } from '../../contract/bus.ts'

type Queryable = Pool | ClientBase

/** A place in a partition; decimal text, since both exceed doubles. Compare by xid first. */
export interface Place {
  xid: string
  position: string
}

/** A partition that a consumer of a group holds. */
export interface Lease extends PartitionRef, Place {
  topicId: number
  fence: string
}

export interface StoredMessage extends Place {
  topicId: number
  partition: number
  orderingKey: string
  headers: Record<string, string>
  cloudEvent: Record<string, string> | null
  contentType: string
  body: Buffer
}

/** Payload empty: there are messages. */
export const busChannel = 'tillflow_bus'
/** Payload: a group has other consumers, or a partition is free. */
export const membersChanged = 'members'

/**
 * Makes topics that are not there. Partitions of one that is there stay as they are: keys would change theirs. Returns the topics
 * that have fewer than planned, which nothing is changed of.
 */
export async function makeTopics(db: Queryable, plans: readonly TopicPlan[]): Promise<string[]> {
  // In one order, so that several who prepare at once do not wait for each other in a circle.
  const ordered = [...new Map(plans.map((plan) => [plan.topic, plan])).values()].sort((a, b) =>
    a.topic < b.topic ? -1 : 1,
  )
  const { rows } = await db.query<{ topic: string }>(
    `with plans as (
       select * from unnest($1::text[], $2::smallint[], $3::bigint[], $4::smallint[])
         as p (topic, partitions_count, retention_ms, partitions_min)
     )
     insert into bus_topics as t (topic, partitions_count, retention_ms)
     select topic, partitions_count, retention_ms from plans
     on conflict (topic) do update set retention_ms = excluded.retention_ms
     where t.partitions_count >= (select partitions_min from plans where plans.topic = t.topic)
     returning topic`,
    [
      ordered.map((one) => one.topic),
      ordered.map((one) => one.partitionsCount),
      ordered.map((one) => one.retentionMs),
      ordered.map((one) => one.partitionsMin ?? one.partitionsCount),
    ],
  )
  const ready = new Set(rows.map(({ topic }) => topic))
  return ordered.map(({ topic }) => topic).filter((topic) => !ready.has(topic))
}

/** Stores messages in the order given; returns how many: those of topics or partitions that are not there are missing. */
export async function insertMessages(db: Queryable, messages: readonly BusMessage[]): Promise<number> {
  const result = await db.query({
    name: 'bus-insert-messages',
    text: `insert into bus_messages (topic_id, partition, ordering_key, headers, cloud_event, content_type, body)
      select t.topic_id, coalesce(m.partition, bus_partition_of(m.ordering_key, t.partitions_count)),
        m.ordering_key, m.headers::json, m.cloud_event::json, m.content_type, m.body
      from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[]) with ordinality
        as m (topic, partition, ordering_key, headers, cloud_event, content_type, body, ordinality)
      join bus_topics t on t.topic = m.topic and coalesce(m.partition between 0 and t.partitions_count - 1, true)
      order by m.ordinality`,
    values: [
      messages.map((one) => one.topic),
      messages.map((one) => one.partition ?? null),
      messages.map((one) => one.orderingKey),
      messages.map((one) => JSON.stringify(one.headers)),
      messages.map((one) => (one.cloudEvent ? JSON.stringify(one.cloudEvent) : null)),
      messages.map((one) => one.contentType),
      messages.map((one) => Buffer.from(one.body.buffer, one.body.byteOffset, one.body.byteLength)),
    ],
  })
  return result.rowCount ?? 0
}

/**
 * The next messages of partitions, each after its place, at most `ofEach` of a partition, `inAll` and about `bytes` of all of
 * them. The first of all is given whatever its length.
 */
export async function readMessages(
  db: Queryable,
  partitions: readonly { topicId: number; partition: number; xid: string; position: string }[],
  { ofEach, inAll, bytes }: { ofEach: number; inAll: number; bytes: number },
): Promise<StoredMessage[]> {
  const result = await db.query<StoredMessage>({
    name: 'bus-read-messages',
    text: `select "topicId", partition, xid, position, "orderingKey", headers, "cloudEvent", "contentType", body from (
        select c.topic_id as "topicId", c.partition, m.xid, m.position, m.ordering_key as "orderingKey", m.headers,
          m.cloud_event as "cloudEvent", m.content_type as "contentType", m.body,
          sum(octet_length(m.body)) over (order by c.place, m.xid, m.position) - octet_length(m.body) as bytes_before
        from unnest($1::int[], $2::smallint[], $3::text[]::xid8[], $4::bigint[]) with ordinality
          as c (topic_id, partition, xid, position, place)
        cross join lateral (
          select * from bus_messages m
          where m.topic_id = c.topic_id and m.partition = c.partition and (m.xid, m.position) > (c.xid, c.position)
            and m.xid < pg_snapshot_xmin(pg_current_snapshot())
          order by m.xid, m.position limit $5
        ) m order by c.place, m.xid, m.position limit $6
      ) m where bytes_before < $7`,
    values: [
      partitions.map((one) => one.topicId),
      partitions.map((one) => one.partition),
      partitions.map((one) => one.xid),
      partitions.map((one) => one.position),
      ofEach,
      inAll,
      bytes,
    ],
  })
  return result.rows
}

/** Deletes what is older than the retention of its topic, at most `limit` of each partition; returns how many. */
export async function pruneMessages(db: Queryable, limit: number): Promise<number> {
  const result = await db.query(
    `with old as (
      select m.* from bus_topics t
      cross join lateral generate_series(0, t.partitions_count - 1) as p (partition)
      cross join lateral (
        select m.topic_id, m.partition, m.xid, m.position, m.published_at from bus_messages m
        where m.topic_id = t.topic_id and m.partition = p.partition order by m.xid, m.position limit $1
      ) m
      where m.published_at < clock_timestamp() - t.retention_ms * interval '1 millisecond'
    )
    delete from bus_messages m using old
    where m.topic_id = old.topic_id and m.partition = old.partition and m.xid = old.xid and m.position = old.position`,
    [limit],
  )
  return result.rowCount ?? 0
}

/** Deletes the members of groups that were not seen for so long: their processes were killed. Those that live are seen every few seconds. */
export async function pruneMembers(db: Queryable, unseenMs: number): Promise<void> {
  await db.query(`delete from bus_members where seen_at < clock_timestamp() - $1 * interval '1 millisecond'`, [
    unseenMs,
  ])
}
