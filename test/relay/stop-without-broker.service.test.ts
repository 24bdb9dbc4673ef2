import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startOwnKafka } from '../peers/kafka/own-kafka.ts'
import { type StartedHub, startHubProcess } from '../telemetry/hub.ts'

const kafka = await startOwnKafka()
afterAll(() => kafka?.stop())

/** A hub ends itself with 1 after 25 s, and systems that run containers kill it after 30 s at the most. */
const stopWithinMs = 10_000

let server: TestServer
let directory: string
let silent: Server
const sockets = new Set<Socket>()

beforeAll(async () => {
  server = await startTestServer()
  directory = await mkdtemp(join(tmpdir(), 'tillflow-away-'))
  silent = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).resume()
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  silent?.close()
  await server?.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Nobody listens there: it was free a moment ago. */
async function freePort(): Promise<number> {
  const one = createServer()
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))
  const { port } = one.address() as AddressInfo
  await new Promise((resolve) => one.close(resolve))
  return port
}

const ports = { refuses: freePort, 'says nothing': async () => (silent.address() as AddressInfo).port }
const engines = {
  kafka: (port: number) => ({ TILLFLOW_BUS_URL: `127.0.0.1:${port}`, TILLFLOW_DELIVERY_FEED: 'bus' }),
  rabbitmq: (port: number) => ({ TILLFLOW_BUS_URL: `amqp://guest:guest@127.0.0.1:${port}` }),
}
const cases = (['kafka', 'rabbitmq'] as const).flatMap((engine) =>
  (['refuses', 'says nothing'] as const).map((how) => ({ engine, how })),
)

/** Each has a database and a directory of its own, and they mostly wait: they run side by side. */
async function startHub(environment: Record<string, string>): Promise<StartedHub> {
  const database: TestDatabase = await server.createDatabase()
  await database.pool.end()
  return startHubProcess({
    TILLFLOW_DATA_DIRECTORY: await mkdtemp(join(directory, 'hub-')),
    TILLFLOW_DATABASE_URL: database.url,
    ...environment,
    TILLFLOW_BUS_SOURCES: '[{"topic":"shop.receipts","source":"tillflow","stores":["9"]}]',
    TILLFLOW_TARGETS: JSON.stringify([
      {
        name: 'shop',
        connector: 'webhook',
        settings: { url: 'https://shop.invalid/', secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
      },
    ]),
  })
}

async function expectEnd(hub: StartedHub): Promise<number> {
  const askedAt = Date.now()
  const code = await hub.stop()
  expect({ code, log: code === 0 ? '' : hub.log() }).toEqual({ code: 0, log: '' })
  return Date.now() - askedAt
}

describe('a hub', () => {
  it.concurrent.each(cases)(
    'whose $engine $how takes receipts all the same, and ends in time when it is told to',
    async ({ engine, how }) => {
      const hub = await startHub({ TILLFLOW_BUS_ENGINE: engine, ...engines[engine](await ports[how]()) })
      expect((await hub.post(makeSale(1))).status).toBe(201)
      // Attempts of everything that wants the broker are on their way.
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      expect(await expectEnd(hub)).toBeLessThan(stopWithinMs)
    },
  )

  it.skipIf(!kafka).concurrent(
    'that reads and publishes ends well also when Kafka hangs in the middle',
    async ({ expect }) => {
      const hub = await startHub({
        TILLFLOW_BUS_ENGINE: 'kafka',
        TILLFLOW_BUS_URL: kafka?.brokers ?? '',
        TILLFLOW_BUS_TOPIC_PREFIX: 'hanging',
        TILLFLOW_DELIVERY_FEED: 'bus',
      })
      expect((await hub.post(makeSale(2))).status).toBe(201)
      await expect.poll(() => hub.tillflow('status'), { timeout: 60_000 }).toMatch(/kafka\/hanging +running +0/)
      await expect.poll(() => hub.log(), { timeout: 30_000 }).toContain('a topic is read')
      await kafka?.hang()
      expect((await hub.post(makeSale(3))).status).toBe(201)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      // Three consumers of it may each wait for an answer, one after the other.
      expect(await expectEnd(hub)).toBeLessThan(2 * stopWithinMs)
    },
  )
})
