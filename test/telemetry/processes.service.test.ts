import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { type StartedHub, startHubProcess, startTarget } from './hub.ts'
import { startOtlpReceiver } from './otlp-receiver.ts'

let server: TestServer
let database: TestDatabase
let directory: string
let collector: Awaited<ReturnType<typeof startOtlpReceiver>>
let target: Awaited<ReturnType<typeof startTarget>>
let hub: StartedHub

beforeAll(async () => {
  server = await startTestServer()
  database = await server.createDatabase()
  directory = await mkdtemp(join(tmpdir(), 'tillflow-processes-'))
  collector = await startOtlpReceiver()
  target = await startTarget(() => 204)
  hub = await startHubProcess({
    TILLFLOW_DATABASE_URL: database.url,
    TILLFLOW_DATA_DIRECTORY: directory,
    TILLFLOW_DELIVERY_PROCESSES_COUNT: '2',
    TILLFLOW_DELIVERY_LEASE_MS: '2000',
    TILLFLOW_DELIVERY_ATTEMPT_TIMEOUT_MS: '1000',
    TILLFLOW_TELEMETRY_OTLP_URL: collector.url,
    TILLFLOW_TELEMETRY_TRACES_SAMPLED_PERCENT: '100',
    TILLFLOW_TELEMETRY_METRICS_INTERVAL_MS: '1000',
    TILLFLOW_TARGETS: JSON.stringify([
      {
        name: 'shop',
        connector: 'webhook',
        allowPrivateNetwork: true,
        settings: { url: `${target.url}/`, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
      },
    ]),
  })
})

afterAll(async () => {
  await hub?.stop()
  await collector?.close()
  await target?.close()
  await database?.drop()
  await server?.stop()
  await rm(directory, { recursive: true, force: true })
})

async function value(series: string): Promise<number> {
  const line = (await hub.metrics()).split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? 0 : Number(line.slice(series.length))
}
const attempts = 'tillflow_delivery_attempts_total{destination="shop",outcome="delivered"}'
const processes = async () =>
  [...(await hub.metrics()).matchAll(/tillflow_process_resident_memory_bytes\{process="([^"]+)"\}/g)]
    .map(([, name]) => name)
    .sort()

describe('metrics and traces of delivery processes', () => {
  it('are on the page of the hub, with how each process is', async () => {
    for (let number = 1; number <= 10; number += 1) expect((await hub.post(makeSale(number))).status).toBe(201)
    await expect.poll(() => value(attempts), { timeout: 20_000 }).toBe(10)
    await expect.poll(processes, { timeout: 20_000 }).toEqual(['delivery-1', 'delivery-2', 'hub'])
    expect(await value('tillflow_end_to_end_seconds_count{destination="shop"}')).toBe(10)
    await expect
      .poll(() => collector.spans.filter(({ name }) => name === 'deliver shop'), { timeout: 20_000 })
      .toHaveLength(10)
    const records = new Map(
      collector.spans.filter(({ kind }) => kind === 'producer').map((span) => [span.spanId, span]),
    )
    for (const span of collector.spans.filter(({ name }) => name === 'deliver shop'))
      expect(records.get(span.parentId)?.traceId).toBe(span.traceId)
  })

  it('never go back when a process is killed, and go on with the next', async () => {
    const pids = [...hub.log().matchAll(/"processId":"[^/]+\/(\d+)\//g)].map(([, pid]) => Number(pid))
    expect(pids).toHaveLength(2)
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await expect.poll(processes, { timeout: 20_000 }).toEqual(['hub'])
    expect(await value(attempts)).toBe(10)
    for (let number = 11; number <= 15; number += 1) expect((await hub.post(makeSale(number))).status).toBe(201)
    await expect.poll(() => value(attempts), { timeout: 30_000 }).toBe(15)
    await expect.poll(processes, { timeout: 20_000 }).toEqual(['delivery-1', 'delivery-2', 'hub'])
  })

  it('are sent to a collector once, by the hub', async () => {
    const sent = () =>
      collector.metrics.filter(({ name }) => name === 'tillflow_delivery_attempts').map(({ values }) => values.join())
    await expect.poll(() => sent().at(-1), { timeout: 20_000 }).toBe('15')
    expect(new Set(collector.metrics.flatMap(({ temporality }) => temporality ?? []))).toEqual(new Set(['cumulative']))
  })
})
