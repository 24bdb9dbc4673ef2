import type { ClientBase } from 'pg'

const stretchMessagesMax = 500

/** Who is looked for in messages that others published. */
export interface MessageSearch {
  isIn(text: string): boolean
  /** Topics that have references instead of persons: what the hub itself publishes. */
  ownTopics: readonly string[]
}

/**
 * Deletes messages that name a person, before their retention is over, where every group that reads the topic has read them; those not
 * read yet become receipts like any new ones. One stretch after a place, in order; `next` absent: the end.
 */
export async function forgetPerson(
  client: ClientBase,
  after: string | undefined,
  { isIn, ownTopics }: MessageSearch,
): Promise<{ deleted: number; ahead: number; next?: string }> {
  const [topicId = '0', partition = '0', xid = '0', position = '0'] = after?.split('.') ?? []
  const { rows } = await client.query<MessageRow>(
    `select m.topic_id, m.partition, m.xid, m.position, m.body, m.headers::text as headers, m.cloud_event::text as cloud_event,
       exists (select from bus_cursors c where c.topic_id = m.topic_id) and not exists (
         select from bus_cursors c where c.topic_id = m.topic_id and c.partition = m.partition
           and (c.xid, c.position) < (m.xid, m.position)) as is_read
     from bus_messages m
     where (m.topic_id, m.partition, m.xid, m.position) > ($1::int, $2::smallint, $3::text::xid8, $4::bigint)
       and not exists (select from bus_topics t where t.topic_id = m.topic_id and t.topic = any($5::text[]))
     order by m.topic_id, m.partition, m.xid, m.position limit $6`,
    [topicId, partition, xid, position, ownTopics, stretchMessagesMax],
  )
  const named = rows.filter((row) =>
    [row.body.toString('utf8'), row.headers, row.cloud_event ?? ''].some((text) => isIn(text)),
  )
  const read = named.filter(({ is_read }) => is_read)
  await client.query(
    `delete from bus_messages m using unnest($1::int[], $2::smallint[], $3::text[], $4::bigint[]) as g (topic_id, partition, xid, position)
     where m.topic_id = g.topic_id and m.partition = g.partition and m.xid = g.xid::xid8 and m.position = g.position`,
    [
      read.map((row) => row.topic_id),
      read.map((row) => row.partition),
      read.map((row) => row.xid),
      read.map((row) => row.position),
    ],
  )
  const last = rows.at(-1)
  return {
    deleted: read.length,
    ahead: named.length - read.length,
    ...(rows.length === stretchMessagesMax &&
      last && { next: [last.topic_id, last.partition, last.xid, last.position].join('.') }),
  }
}

interface MessageRow {
  topic_id: number
  partition: number
  xid: string
  position: string
  body: Buffer
  headers: string
  cloud_event: string | null
  is_read: boolean
}
