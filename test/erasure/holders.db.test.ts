import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPostgresBus } from '../../src/buses/postgres/bus.ts'
import { continueErasures, erase } from '../../src/privacy/erasure/erase.ts'
import { readSubject } from '../../src/privacy/erasure/subject.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { dumpText, type ErasableHub, openErasableHub } from './erasable-hub.ts'
import { saleTo } from './person.ts'

let database: TestDatabase
let hub: ErasableHub

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await openErasableHub(database.pool)
})
afterAll(async () => {
  await hub?.close()
  await database?.drop()
})

const eraseNow = (name: string) => erase(hub.house, { subject: readSubject(name), reason: 'asked', actor: 'cli:test' })

async function send(number: number, words: Parameters<typeof saleTo>[1]): Promise<string> {
  const answer = await hub.send(saleTo(number, words))
  if (answer.kind !== 'recorded') return expect.unreachable()
  return answer.transactionId
}

it('what targets said of a person goes, why something is parked stays', async () => {
  const eventId = await send(1, { customerId: 'C-TEXT-1' })
  const otherId = await send(2, { customerId: 'C-TEXT-2' })
  const { pool } = hub
  const { rows } = await pool.query<{ target_id: number }>(
    "insert into delivery_targets (name, connector) values ('erp', 'webhook') returning target_id",
  )
  const target = rows[0]?.target_id
  const said = 'partner C-TEXT-1 (one@text.example) has no tax id'
  for (const [id, text] of [
    [eventId, said],
    [otherId, 'partner C-TEXT-2 has no tax id'],
  ]) {
    await pool.query(
      `insert into delivery_attempts (target_id, event_id, attempt, outcome, reason, duration_ms, worker_id) values ($1, $2, 1, 'rejected', $3, 1, 'w')`,
      [target, id, text],
    )
    await pool.query(
      `insert into delivery_entries (target_id, event_id, shard, xid, position, ordering_key, state, attempts, reason_code, reason, fence)
       values ($1, $2, 1, '1', 1, '9/3', 'parked', 1, 'rejected', $3, 1)`,
      [target, id, text],
    )
  }
  const { rows: replays } = await pool.query<{ replay_id: string }>(
    `insert into delivery_replays (replay_id, target_id, mode, state, filter, reason, planned_by, rate_per_second)
     values (gen_random_uuid(), $1, 'missing', 'finished', '{}', 'test', 'cli:test', 1) returning replay_id`,
    [target],
  )
  const before = {
    result: { result: 'skipped', reason: said, attempts: 1 },
    documents: [{ documentId: 'D-1', kind: 'sale' }],
  }
  await pool.query(
    `insert into delivery_replay_items (replay_id, event_id, shard, xid, position, ordering_key, state_before, reason_before, state, before)
     values ($1, $2, 1, '1', 1, '9/3', 'parked', $3, 'done', $4)`,
    [replays[0]?.replay_id, eventId, said, JSON.stringify(before)],
  )
  await pool.query("insert into delivery_shadows (target_id, name, connector) values ($1, 'next', 'webhook')", [target])
  const examples = [eventId, otherId].map((id) => ({
    eventId: id,
    receipt: 'till',
    live: id === eventId ? '"C-TEXT-1"' : '"C-TEXT-2"',
  }))
  await pool.query(
    "insert into delivery_shadow_fields (target_id, name, field, count, examples) values ($1, 'next', 'customer', 2, $2)",
    [target, JSON.stringify(examples)],
  )

  const report = await eraseNow('customer:C-TEXT-1')
  expect(report.counts.targetTexts).toBe(4)
  const dump = await dumpText(pool)
  expect(dump).not.toMatch(/C-TEXT-1|one@text/)
  expect(dump).toContain('C-TEXT-2')
  const entry = await pool.query('select reason_code, reason from delivery_entries where event_id = $1', [eventId])
  expect(entry.rows[0]).toEqual({
    reason_code: 'rejected',
    reason: expect.stringMatching(new RegExp(`^partner ${report.reference} \\(ref_[^)]+\\) has no tax id$`)),
  })
  const item = await pool.query('select before from delivery_replay_items where event_id = $1', [eventId])
  expect(item.rows[0]?.before).toEqual({ ...before, result: { result: 'skipped', attempts: 1 } })
})

it('messages of others go when every group has read them', async () => {
  const bus = openPostgresBus({ url: database.url })
  try {
    await bus.prepareTopics([{ topic: 'tills', partitionsCount: 2, retentionMs: 86_400_000 }])
    const publish = (key: string, text: string) =>
      hub.pool.query('select bus_publish($1, $2, $3)', ['tills', key, Buffer.from(text)])
    await publish('a', '{"customerId":"C-BUS-1"}')
    await publish('a', '{"customerId":"C-BUS-2"}')
    await hub.pool.query(
      `insert into bus_cursors (group_name, topic_id, partition, xid, position)
       select 'hub', topic_id, partition, max(xid), max(position) from bus_messages group by 1, 2, 3`,
    )
    await publish('a', '{"note":"C-BUS-1 again"}')
    const report = await eraseNow('customer:C-BUS-1')
    expect(report.counts).toMatchObject({ busMessages: 1, busMessagesAhead: 1 })
    const { rows } = await hub.pool.query<{ text: string }>(
      "select convert_from(body, 'UTF8') as text from bus_messages order by position",
    )
    expect(rows.map(({ text }) => text)).toEqual(['{"customerId":"C-BUS-2"}', '{"note":"C-BUS-1 again"}'])
  } finally {
    await bus.close()
  }
})

it('waits for a file that names the person, and takes what came of it', async () => {
  await send(20, { customerId: 'C-FILE-1' })
  const id = '0f8b1f52-93a4-4b8e-8f6b-2a51c0de9e41'
  await hub.pool.query(
    "insert into files (file_id, name, source, sender_id, state) values ($1, 'C-FILE-1.json', 'tillflow', 'test', 'held')",
    [id],
  )
  const keep = async (chunk: number, text: string) => {
    const sealed = await hub.vault.seal({ plain: Buffer.from(text), associatedData: `file:${id}/${chunk}` })
    await hub.pool.query('insert into file_chunks (file_id, chunk, key_id, sealed) values ($1, $2, $3, $4)', [
      ...[id, chunk, sealed.keyId, sealed.bytes],
    ])
  }
  // The name lies over the edge of two chunks.
  await keep(0, '{"customerId":"C-FI')
  await keep(1, 'LE-1"}')
  const report = await eraseNow('customer:C-FILE-1')
  expect(report).toMatchObject({ state: 'settling', counts: { fileNames: 1 } })
  expect(await continueErasures(hub.house)).toBe(1)
  // Somebody decides, the slice is recorded, the bytes go.
  await send(21, { customerId: 'C-FILE-1' })
  await hub.pool.query('delete from file_chunks where file_id = $1', [id])
  await hub.pool.query("update files set state = 'done', finished_at = now() where file_id = $1", [id])
  expect(await continueErasures(hub.house)).toBe(0)
  expect(await dumpText(hub.pool)).not.toContain('C-FILE-1')
})

it('finds receipts that were recorded before mentions were', async () => {
  await send(30, { customerId: 'C-NEW-30', loyaltyAccountId: 'L-OLD-30' })
  await send(31, { customerId: 'C-NEW-31', loyaltyAccountId: 'L-OLD-31' })
  await hub.pool.query('delete from personal_mentions')
  await hub.pool.query('update personal_mentions_since set since = clock_timestamp()')
  expect(await eraseNow('loyalty:L-OLD-30')).toMatchObject({ counts: { receipts: 1, rawOfOthersErased: 1 } })
  const dump = await dumpText(hub.pool)
  expect(dump).not.toContain('L-OLD-30')
  expect(dump).toContain('L-OLD-31')
})
