import type { Pool } from 'pg'
import { busChannel, type Lease, membersChanged, type Place } from './queries.ts'

/** Which consumer of a group has which partitions: leases with fences, shared evenly among those seen lately. */
export class Membership {
  readonly #pool: Pool
  readonly #group: string
  readonly #topicIds: readonly number[]
  readonly #memberId: string
  readonly #leaseMs: number

  constructor(pool: Pool, who: { group: string; topicIds: readonly number[]; memberId: string; leaseMs: number }) {
    this.#pool = pool
    this.#group = who.group
    this.#topicIds = who.topicIds
    this.#memberId = who.memberId
    this.#leaseMs = who.leaseMs
  }

  /** Tells the others that this one is there, and sees to it that the group has a cursor for every partition. */
  async join(): Promise<void> {
    await this.#pool.query(
      `insert into bus_cursors (group_name, topic_id, partition)
       select $1, t.topic_id, p from bus_topics t cross join lateral generate_series(0, t.partitions_count - 1) as p
       where t.topic_id = any($2::int[]) order by 2, 3 on conflict do nothing`,
      [this.#group, this.#topicIds],
    )
    await this.#beSeen()
    await this.#tell()
  }

  /** Prolongs what this one holds and returns it: a partition that is not among it is somebody else's. */
  async renew(): Promise<Lease[]> {
    await this.#beSeen()
    const { rows } = await this.#pool.query<Lease>(
      `update bus_cursors c set lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       from bus_topics t where t.topic_id = c.topic_id and c.group_name = $1 and c.owner = $2
       returning ${leaseColumns}`,
      [this.#group, this.#memberId, this.#leaseMs],
    )
    return rows
  }

  /** How many partitions of each topic this one should have: those that do not divide evenly go to the first by name. */
  async shares(): Promise<Map<number, number>> {
    const { rows } = await this.#pool.query<{ topicId: number; share: number }>(
      `select t.topic_id as "topicId", (t.partitions_count / greatest(m.members, 1))
         + (m.before_me < t.partitions_count % greatest(m.members, 1))::int as share
       from bus_topics t cross join lateral (
         select count(*)::int as members, (count(*) filter (where member_id < $4))::int as before_me from bus_members m
         where m.topic_id = t.topic_id and m.group_name = $1
           and m.seen_at > clock_timestamp() - $3 * interval '1 millisecond'
       ) m where t.topic_id = any($2::int[])`,
      [this.#group, this.#topicIds, this.#leaseMs, this.#memberId],
    )
    return new Map(rows.map((row) => [row.topicId, row.share]))
  }

  /** Takes partitions that nobody holds, so many of a topic at most. */
  async take(topicId: number, count: number): Promise<Lease[]> {
    const { rows } = await this.#pool.query<Lease>(
      `with free as (
         select topic_id, partition from bus_cursors
         where group_name = $1 and topic_id = $2 and (owner is null or lease_until < clock_timestamp())
         order by random() limit $3 for update skip locked
       )
       update bus_cursors c set owner = $4, fence = c.fence + 1,
         lease_until = clock_timestamp() + $5 * interval '1 millisecond'
       from free, bus_topics t
       where c.group_name = $1 and c.topic_id = free.topic_id and c.partition = free.partition and t.topic_id = c.topic_id
       returning ${leaseColumns}`,
      [this.#group, topicId, count, this.#memberId, this.#leaseMs],
    )
    return rows
  }

  /** Moves the cursors of partitions whose fence is still the caller's; returns those that it could move. */
  async acknowledge(moves: readonly { lease: Lease; to: Place }[]): Promise<Set<string>> {
    const { rows } = await this.#pool.query<{ topicId: number; partition: number }>(
      `update bus_cursors c set xid = v.xid, position = v.position
       from unnest($3::int[], $4::smallint[], $5::bigint[], $6::text[]::xid8[], $7::bigint[])
         as v (topic_id, partition, fence, xid, position)
       where c.group_name = $1 and c.owner = $2 and c.topic_id = v.topic_id and c.partition = v.partition and c.fence = v.fence
       returning c.topic_id as "topicId", c.partition`,
      [
        this.#group,
        this.#memberId,
        moves.map(({ lease }) => lease.topicId),
        moves.map(({ lease }) => lease.partition),
        moves.map(({ lease }) => lease.fence),
        moves.map(({ to }) => to.xid),
        moves.map(({ to }) => to.position),
      ],
    )
    return new Set(rows.map(keyOf))
  }

  async release(leases: readonly Lease[]): Promise<void> {
    await this.#pool.query(
      `update bus_cursors c set owner = null, lease_until = null
       from unnest($3::int[], $4::smallint[]) as v (topic_id, partition)
       where c.group_name = $1 and c.owner = $2 and c.topic_id = v.topic_id and c.partition = v.partition`,
      [this.#group, this.#memberId, leases.map((one) => one.topicId), leases.map((one) => one.partition)],
    )
    await this.#tell()
  }

  /** Gives everything back at once, so that the others need not wait for the lease to end. */
  async leave(): Promise<void> {
    await this.#pool.query(
      'update bus_cursors set owner = null, lease_until = null where group_name = $1 and owner = $2',
      [this.#group, this.#memberId],
    )
    await this.#pool.query('delete from bus_members where group_name = $1 and member_id = $2', [
      this.#group,
      this.#memberId,
    ])
    await this.#tell()
  }

  /** The others look at once who may have what. */
  async #tell(): Promise<void> {
    await this.#pool.query('select pg_notify($1, $2)', [busChannel, membersChanged])
  }

  async #beSeen(): Promise<void> {
    await this.#pool.query(
      `insert into bus_members (group_name, topic_id, member_id, seen_at)
       select $1, unnest($2::int[]), $3, clock_timestamp()
       on conflict (group_name, topic_id, member_id) do update set seen_at = excluded.seen_at`,
      [this.#group, this.#topicIds, this.#memberId],
    )
  }
}

const leaseColumns = 'c.topic_id as "topicId", t.topic, c.partition, c.fence, c.xid, c.position'

export function keyOf({ topicId, partition }: { topicId: number; partition: number }): string {
  return `${topicId}/${partition}`
}
