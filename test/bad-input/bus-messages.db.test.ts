import { createSecretKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresBus } from '../../src/buses/postgres/bus.ts'
import type { Bus, BusMessage, ReceivedMessage } from '../../src/contract/bus.ts'
import { systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { Problem } from '../../src/contract/problem.ts'
import { apiTokens } from '../../src/http/auth/api-tokens.ts'
import { createTokenStore } from '../../src/http/auth/token-store.ts'
import type { HttpDeps } from '../../src/http/deps.ts'
import { recordBusMessage } from '../../src/http/record-bus-message.ts'
import { createIntake } from '../../src/intake/create-intake.ts'
import { createPostgresIntakeStore } from '../../src/intake/postgres-store.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import { startBusSources } from '../../src/runtimes/node/bus-sources.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { sources } from '../../src/sources/index.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { makeSale, testStore } from '../../src/testing/receipts.ts'

const topic = 'shop.receipts'
const bodyMaxBytes = 200_000

let database: TestDatabase
let deps: HttpDeps
let bus: Bus
let reading: { stop(): Promise<void> }

beforeAll(async () => {
  database = await createTestDatabase()
  const vault = await openVault({
    pool: database.pool,
    masterKey: createSecretKey(randomBytes(32)),
    logger: silentLogger,
  })
  const { settings } = loadSettings({
    environment: {},
    overrides: { busEngine: 'postgres', busSources: [{ topic, source: 'tillflow', stores: ['9'] }] },
  })
  deps = {
    intake: createIntake({
      store: createPostgresIntakeStore(database.pool, vault),
      clock: { ...systemClock, now: () => Date.parse('2026-03-02T12:00:00Z') },
      profileOf: () => testStore,
      groupSizeMax: 64,
      groupsInFlightMax: 2,
      queueMax: 1_000,
    }),
    sources,
    readContext: { store: () => testStore },
    authenticate: [apiTokens(createTokenStore(database.pool, systemClock))],
    limits: { ...settings, sourceBodyMaxBytes: bodyMaxBytes },
    logger: silentLogger,
    health: { ready: async () => ({ ready: true, checks: {} }) },
  }
  bus = openPostgresBus({ url: database.url })
  await bus.prepareTopics([{ topic, partitionsCount: 1, retentionMs: 60_000 }])
  reading = startBusSources({ deps, settings, hubUrl: database.url, logger: silentLogger })
})
afterAll(async () => {
  await reading?.stop()
  await bus?.close()
  await deps?.intake.close()
  await database?.drop()
})

const envelope = { specversion: '1.0', id: '1', source: '/shop', type: 'shop.receipt' }
const messageOf = (body: unknown, changes: Partial<BusMessage> = {}): BusMessage => ({
  topic,
  orderingKey: '9/3',
  headers: {},
  contentType: 'application/json',
  body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  ...changes,
})
const { id: _, ...withoutId } = envelope
const asStructured = (event: object) => messageOf(event, { contentType: 'application/cloudevents+json; charset=utf-8' })

const bad: [name: string, message: BusMessage, problem: string][] = [
  ['no content at all', messageOf(''), 'unreadable-content'],
  ['no JSON', messageOf('{"a":'), 'json-malformed'],
  ['no UTF-8', messageOf(Buffer.from([0xff, 0xfe, 0x41])), 'invalid-encoding'],
  ['more than is allowed', messageOf(`"${'x'.repeat(bodyMaxBytes)}"`), 'payload-too-large'],
  ['a CloudEvent without id', messageOf(makeSale(901), { cloudEvent: withoutId }), 'cloud-event-invalid'],
  [
    'a CloudEvent of 0.3',
    messageOf(makeSale(902), { cloudEvent: { ...envelope, specversion: '0.3' } }),
    'cloud-event-invalid',
  ],
  [
    'a structured CloudEvent without source',
    asStructured({ ...envelope, source: '', data: {} }),
    'cloud-event-invalid',
  ],
  ['a store that it may not speak for', messageOf(makeSale(903, { businessUnitId: '8' })), 'scope-store'],
]

describe('messages of a bus', () => {
  it('are recorded in order, and what cannot be read is in quarantine while others flow', async () => {
    const good = [
      messageOf(makeSale(1)),
      messageOf(makeSale(2), { cloudEvent: envelope }),
      asStructured({ ...envelope, datacontenttype: 'application/json', data: makeSale(3) }),
      asStructured({ ...envelope, data_base64: Buffer.from(JSON.stringify(makeSale(4))).toString('base64') }),
      messageOf(makeSale(5), { headers: { traceparent: '\u0000; drop table "x"', 'x-hostile': 'ä'.repeat(5_000) } }),
    ]
    await bus.publish([
      ...good.slice(0, 2),
      ...bad.map(([, message]) => message),
      ...good.slice(2),
      messageOf(makeSale(1)),
    ])
    const count = async (table: string) =>
      (await database.pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n
    await expect.poll(() => count('quarantine'), { timeout: 15_000 }).toBe(bad.length)
    await expect.poll(() => count('transactions'), { timeout: 15_000 }).toBe(good.length)
    const { rows } = await database.pool.query<{ problem: string }>(
      'select problem from quarantine order by received_at',
    )
    expect(rows.map(({ problem }) => problem).sort()).toEqual(bad.map(([, , problem]) => problem).sort())
    const left = `select from bus_messages m join bus_cursors c using (topic_id, partition)
      where c.group_name = 'tillflow' and (m.xid, m.position) > (c.xid, c.position)`
    await expect.poll(async () => (await database.pool.query(left)).rowCount, { timeout: 15_000 }).toBe(0)
    const events = await database.pool.query<{ subject: string }>(
      `select subject from journal_events where event_type = 'pos.transaction.recorded.v1' order by xid, position`,
    )
    expect(events.rows.map(({ subject }) => subject.split('/').at(-1))).toEqual(['1', '2', '3', '4', '5'])
  })

  it('keep nothing of what may never be kept, and a masked copy of card numbers', async () => {
    const track = messageOf(JSON.stringify({ note: '%B4111111111111111^DOE/JOHN^29121010000000000?' }))
    const received = { ...track, partition: 0, offset: '77', redelivered: false }
    const kept: Uint8Array[] = []
    const intake: HttpDeps['intake'] = {
      ...deps.intake,
      record: async (upload) => {
        kept.push(upload.result.bytes)
        return { kind: 'quarantined', quarantineId: '1', problem: 'unreadable-content', detail: '' }
      },
    }
    await recordBusMessage({ ...deps, intake }, { topic, group: 'g', source: 'tillflow' }, received)
    const broken = { ...received, body: Buffer.from('{"card": "4111111111111111",') }
    await recordBusMessage({ ...deps, intake }, { topic, group: 'g', source: 'tillflow' }, broken)
    expect(kept.map((bytes) => Buffer.from(bytes).toString())).toEqual([
      JSON.stringify({ topic, partition: 0, offset: '77' }),
      expect.stringMatching(/^\{"card": "411111\D+1111",$/),
    ])
  })

  it('come again when they could not be recorded for now', async () => {
    const intake: HttpDeps['intake'] = {
      ...deps.intake,
      recordAll: async (uploads) => uploads.map(() => new Problem('storage-unavailable')),
    }
    const received: ReceivedMessage = { ...messageOf(makeSale(7)), partition: 0, offset: '1', redelivered: false }
    const recording = recordBusMessage({ ...deps, intake }, { topic, group: 'g', source: 'tillflow' }, received)
    await expect(recording).rejects.toMatchObject({ code: 'storage-unavailable' })
  })
})
