import type { ClientBase } from 'pg'

/** Which messages of ours, and what becomes of their bodies. */
export interface MessageRewriting {
  topic: string
  /** Ids of CloudEvents. */
  eventIds: readonly string[]
  rewrite(body: string): string
}

/** Rewrites messages in their places; who has read them has read them. Returns how many became others. */
export async function rewriteMessages(
  client: ClientBase,
  { topic, eventIds, rewrite }: MessageRewriting,
): Promise<number> {
  const { rows } = await client.query<{ partition: number; xid: string; position: string; body: Buffer }>(
    `select m.partition, m.xid, m.position, m.body from bus_messages m join bus_topics t using (topic_id)
     where t.topic = $1 and m.cloud_event ->> 'id' = any($2::text[])`,
    [topic, eventIds],
  )
  let count = 0
  for (const { partition, xid, position, body } of rows) {
    const text = body.toString('utf8')
    const rewritten = rewrite(text)
    if (rewritten === text) continue
    await client.query(
      `update bus_messages m set body = $5 from bus_topics t where t.topic = $1 and m.topic_id = t.topic_id
         and m.partition = $2 and m.xid = $3::text::xid8 and m.position = $4`,
      [topic, partition, xid, position, Buffer.from(rewritten)],
    )
    count += 1
  }
  return count
}
