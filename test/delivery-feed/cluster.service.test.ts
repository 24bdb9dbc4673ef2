import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKafkaBus } from '../../src/buses/kafka/bus.ts'
import type { Bus } from '../../src/contract/bus.ts'
import { startTestServer, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { brokersCount, type OwnCluster, startOwnCluster } from '../peers/kafka/own-cluster.ts'
import { type StartedHub, startHubProcess, startTarget } from '../telemetry/hub.ts'
import { fedSettings } from './fed-settings.ts'

/** Three brokers want a gigabyte and minutes, so it runs where somebody asks for it. */
const isAsked = process.env.BROKER_CLUSTERS === '1'
const topic = 'cluster.pos.transaction'
const tillsCount = 8
const settleMs = 180_000

describe.skipIf(!isAsked)('three brokers of Kafka', () => {
  let cluster: OwnCluster
  let server: TestServer
  let directory: string
  let hub: StartedHub
  let target: Awaited<ReturnType<typeof startTarget>>
  let watcher: Bus
  let admin: Admin
  const published: string[] = []
  let lastNumber = 0

  beforeAll(async () => {
    cluster = await startOwnCluster()
    server = await startTestServer()
    directory = await mkdtemp(join(tmpdir(), 'tillflow-cluster-'))
    target = await startTarget(() => 204)
    admin = new Admin({ clientId: 'test', bootstrapBrokers: cluster.brokers.split(',') })
    hub = await startHubProcess({
      TILLFLOW_DATA_DIRECTORY: directory,
      TILLFLOW_DATABASE_URL: (await server.createDatabase()).url,
      TILLFLOW_BUS_ENGINE: 'kafka',
      TILLFLOW_BUS_URL: `kafka://${cluster.brokers}`,
      TILLFLOW_BUS_TOPIC_PREFIX: 'cluster',
      TILLFLOW_BUS_REPLICAS_COUNT: String(brokersCount),
      TILLFLOW_RELAY_BACKOFF_MAX_MS: '2000',
      ...fedSettings(target.url),
    })
    watcher = createKafkaBus({ brokers: cluster.brokers.split(','), retryMaxMs: 60_000 })
    await watcher.prepareTopics([{ topic, partitionsCount: 64, retentionMs: 3_600_000 }])
    await watcher.subscribe({
      group: 'watcher',
      topics: [topic],
      batchMax: 100,
      prefetchMax: 1_000,
      onMessages: async (messages) => {
        published.push(...messages.map(({ cloudEvent }) => cloudEvent?.subject ?? ''))
      },
    })
  }, 300_000)
  afterAll(async () => {
    await hub?.stop()
    await Promise.all([watcher?.close(), admin?.close(), target?.close()])
    await cluster?.stop()
    await server?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const send = async (count: number) => {
    for (let sent = 0; sent < count; sent += 1) {
      lastNumber += 1
      const receipts = Array.from({ length: tillsCount }, (_, till) =>
        hub.post(makeSale(lastNumber, { workstationId: String(till + 1) })),
      )
      for (const { status } of await Promise.all(receipts)) expect(status).toBe(201)
    }
  }
  /** The first time that each receipt of a till was seen. */
  const numbersOf = (subjects: readonly string[], till: number) => [
    ...new Set(
      subjects
        .map((subject) => subject.split('/'))
        .filter((parts) => parts.at(-3) === String(till + 1))
        .map((parts) => Number(parts.at(-1))),
    ),
  ]
  const expectAll = async () => {
    const inOrder = Array.from({ length: lastNumber }, (_, index) => index + 1)
    const tills = Array.from({ length: tillsCount }, (_, till) => till)
    const isThere = () =>
      [published, target.taken()].every((subjects) =>
        tills.every((till) => numbersOf(subjects, till).length === lastNumber),
      )
    await expect.poll(isThere, { timeout: settleMs, interval: 250 }).toBe(true)
    for (const till of tills) {
      expect(numbersOf(published, till)).toEqual(inOrder)
      expect(numbersOf(target.taken(), till), hub.log().slice(-4_000)).toEqual(inOrder)
    }
  }
  const partitions = async () =>
    (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic)?.partitions ?? []
  const inSyncCount = async () => Math.min(...(await partitions()).map(({ isr }) => isr.length))
  const wantInSync = (count: number) =>
    admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configs: [
            {
              name: 'min.insync.replicas',
              configOperation: IncrementalAlterConfigOperationTypes.SET,
              value: String(count),
            },
          ],
        },
      ],
    })

  it('have as many copies of the topic as the settings say', async () => {
    await send(1)
    await expectAll()
    for (const { replicas } of await partitions()) expect(replicas.length).toBe(brokersCount)
  }, 120_000)

  it('may be killed one after the other: nothing is lost, every till keeps its order', async () => {
    for (let broker = 0; broker < brokersCount; broker += 1) {
      await send(10)
      const sending = send(40)
      await cluster.kill(broker)
      await sending
      await send(10)
      await expectAll()
      await cluster.start(broker)
      await expect.poll(inSyncCount, { timeout: settleMs, interval: 500 }).toBe(brokersCount)
    }
    console.info(`${published.length - new Set(published).size} doubled of ${new Set(published).size} published`)
    expect(hub.log()).not.toMatch(/"level":"(error|fatal)"/)
  }, 900_000)

  it('hold the relay back while too few have a copy, and it goes on when fewer are enough', async () => {
    await wantInSync(brokersCount)
    await cluster.kill(0)
    await expect.poll(inSyncCount, { timeout: settleMs, interval: 500 }).toBe(brokersCount - 1)
    const before = new Set(published).size
    await send(5)
    await expect.poll(() => hub.log(), { timeout: settleMs, interval: 500 }).toContain('NOT_ENOUGH_REPLICAS')
    await wait(2_000)
    expect(new Set(published).size).toBe(before)
    expect(await hub.metrics()).toMatch(/tillflow_relay_failures_total\{bus="kafka"\} [1-9]/)
    await wantInSync(2)
    await expectAll()
  }, 600_000)
})
