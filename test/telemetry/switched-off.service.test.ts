import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTraceparent } from '../../src/contract/trace-context.ts'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startHubProcess } from './hub.ts'
import { startOtlpReceiver } from './otlp-receiver.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../../src/main.ts')
const preload = `--import=${join(import.meta.dirname, 'loaded-modules.ts')}`

let server: TestServer
let database: TestDatabase
let directory: string
let loadedFile: string

beforeAll(async () => {
  server = await startTestServer()
  database = await server.createDatabase()
  directory = await mkdtemp(join(tmpdir(), 'tillflow-off-'))
  loadedFile = join(directory, 'loaded')
})
afterAll(async () => {
  await database?.drop()
  await server?.stop()
  await rm(directory, { recursive: true, force: true })
})

const loaded = async () =>
  (await readFile(loadedFile, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .sort()
const settings = () => ({ TILLFLOW_DATABASE_URL: database.url, TILLFLOW_DATA_DIRECTORY: directory })
const watched = () => ({ NODE_OPTIONS: preload, LOADED_MODULES_FILE: loadedFile })
const metricsOnly = ['api', 'core', 'exporter-prometheus', 'resources', 'sdk-metrics', 'semantic-conventions']

describe('telemetry that is switched off', () => {
  it.each([['--help'], ['settings'], ['show', '9/3/1'], ['status']])('is not loaded by %s', async (...args) => {
    await writeFile(loadedFile, '')
    const env = {
      PATH: process.env.PATH ?? '',
      ...settings(),
      ...watched(),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    }
    await run(process.execPath, [main, ...args], { cwd: directory, env }).catch((error: { code: unknown }) =>
      // There is no such receipt.
      expect(error.code).toBe(3),
    )
    expect(await loaded()).toEqual([])
  })

  it('loads no tracing, opens no connection, and still gives every receipt its trace', async () => {
    await writeFile(loadedFile, '')
    const collector = await startOtlpReceiver()
    const hub = await startHubProcess({
      ...settings(),
      ...watched(),
      TILLFLOW_TELEMETRY_OTLP_URL: collector.url,
      TILLFLOW_TELEMETRY_METRICS_INTERVAL_MS: '1000',
      TILLFLOW_TELEMETRY_TRACES_SAMPLED_PERCENT: '100',
      OTEL_SDK_DISABLED: 'true',
    })
    try {
      const answer = await hub.post(makeSale(1))
      const { traceId, sampled } = parseTraceparent(answer.headers.get('traceparent') ?? '') ?? {}
      expect(sampled).toBe(false)
      const journey = JSON.parse(await hub.tillflow('show', '9/3/1', '--json'))
      expect(journey.trace.traceId).toBe(traceId)
      const refused = await hub.post({ not: 'a receipt' })
      const problem = (await refused.json()) as { traceId: string }
      expect(refused.headers.get('traceparent')).toContain(problem.traceId)
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      expect(collector.connections()).toBe(0)
      expect(await loaded()).toEqual(metricsOnly.map((name) => `@opentelemetry/${name}`))
    } finally {
      await hub.stop()
      await collector.close()
    }
  })
})

describe('telemetry whose collector is away', () => {
  it('hinders nothing, is counted, and does not hold up the end', { timeout: 60_000 }, async () => {
    const hub = await startHubProcess({
      ...settings(),
      // Nobody listens at this port.
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
      TILLFLOW_TELEMETRY_TRACES_SAMPLED_PERCENT: '100',
      TILLFLOW_TELEMETRY_METRICS_INTERVAL_MS: '1000',
    })
    try {
      for (let number = 11; number < 21; number += 1) expect((await hub.post(makeSale(number))).status).toBe(201)
      const dropped = async () =>
        (await hub.metrics()).split('\n').filter((line) => line.startsWith('tillflow_telemetry_dropped_total{'))
      await expect
        .poll(async () => (await dropped()).join(), { timeout: 30_000 })
        .toMatch(/signal="traces",reason="export-failed"} \d+/)
      await expect.poll(async () => (await dropped()).join(), { timeout: 30_000 }).toContain('signal="metrics"')
      expect(hub.log()).toContain('telemetry did not reach its collector')
    } finally {
      const from = performance.now()
      expect(await hub.stop()).toBe(0)
      expect(performance.now() - from).toBeLessThan(10_000)
    }
  })
})
