import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPostgresBus } from '../../src/buses/postgres/bus.ts'
import type { ReceivedMessage } from '../../src/contract/bus.ts'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { type StartedHub, startHubProcess } from '../telemetry/hub.ts'

const receiptsCount = 40

let server: TestServer
let database: TestDatabase
let directory: string
let hub: StartedHub
const start = () =>
  startHubProcess({
    TILLFLOW_DATA_DIRECTORY: directory,
    TILLFLOW_DATABASE_URL: database.url,
    TILLFLOW_BUS_ENGINE: 'postgres',
    TILLFLOW_BUS_TOPIC_PREFIX: 'shop',
    TILLFLOW_RELAY_LEASE_MS: '1000',
  })

beforeAll(async () => {
  server = await startTestServer()
  database = await server.createDatabase()
  directory = await mkdtemp(join(tmpdir(), 'tillflow-relay-'))
  hub = await start()
})
afterAll(async () => {
  await hub?.stop()
  await database?.drop()
  await server?.stop()
  await rm(directory, { recursive: true, force: true })
})

it('publishes every receipt that a hub acknowledged, also when the hub is killed in the middle', async () => {
  const numbers = Array.from({ length: receiptsCount }, (_, index) => index + 1)
  const post = async (number: number) => {
    const answer = await hub.post(makeSale(number, { customerId: 'C-777000' }))
    expect(answer.status).toBe(201)
  }
  await Promise.all(numbers.slice(0, receiptsCount / 2).map(post))
  hub.child.kill('SIGKILL')
  hub = await start()
  await Promise.all(numbers.slice(receiptsCount / 2).map(post))

  const received: ReceivedMessage[] = []
  const bus = openPostgresBus({ url: database.url })
  const topic = 'shop.pos.transaction'
  await bus.prepareTopics([{ topic, partitionsCount: 64, retentionMs: 60_000 }])
  const consumer = await bus.subscribe({
    group: 'analytics',
    topics: [topic],
    batchMax: 100,
    prefetchMax: 100,
    onMessages: async (messages) => {
      received.push(...messages)
    },
  })
  const subjects = () => new Set(received.map(({ cloudEvent }) => cloudEvent?.subject))
  await expect.poll(() => subjects().size, { timeout: 30_000 }).toBe(receiptsCount)
  await consumer.close()
  await bus.close()
  expect(received.every(({ body }) => !Buffer.from(body).toString().includes('C-777000'))).toBe(true)

  const status = JSON.parse(await hub.tillflow('status', '--json')) as { relays: unknown[] }
  expect(status.relays).toMatchObject([{ relay: 'postgres/shop', isLed: true, lagEvents: 0 }])
  expect(await hub.tillflow('status')).toMatch(/postgres\/shop +running +0/)
  expect(await hub.tillflow('doctor')).toMatch(/ok +bus +postgres answers/)
  const metrics = await hub.metrics()
  expect(metrics).toMatch(/tillflow_relay_published_total\{bus="postgres"\} [1-9]/)
  expect(metrics).toContain('tillflow_relay_pending{bus="postgres"} 0')
})
