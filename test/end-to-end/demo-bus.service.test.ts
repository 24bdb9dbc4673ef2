import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reckonBus } from '../../src/demo/bus/reckon-bus.ts'
import type { DemoSummary } from '../../src/demo/run-demo.ts'
import { parseAcknowledgements } from '../../src/simulator/sender/acknowledgements.ts'
import { makeTestDirectory } from '../../src/testing/database/memory-root.ts'
import { requireService } from '../peers/require-service.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../../src/main.ts')
const small = ['--once', '--json', '--port', '0', '--stores', '2', '--tills', '2', '--receipts', '25', '--workers', '1']

const [kafka, rabbitmq] = [await requireService('kafka'), await requireService('rabbitmq')]
const buses = [
  { engine: 'postgres', isHere: true, feed: 'bus', kills: 0 },
  { engine: 'kafka', isHere: kafka !== undefined, feed: 'bus', kills: 3 },
  { engine: 'rabbitmq', isHere: rabbitmq !== undefined, feed: undefined, kills: 0 },
]

let directory: string
beforeAll(async () => {
  directory = await makeTestDirectory('tillflow-demo-bus-')
})
afterAll(() => rm(directory, { recursive: true, force: true }))

// They mostly start, wait for each other and end: side by side that takes the time of one.
describe.concurrent.each(buses)('a demo with --bus $engine', ({ engine, isHere, feed, kills }) => {
  it.skipIf(!isHere)('has on the bus what the tills were told, and names what is not there', async () => {
    const at = join(directory, engine)
    const args = ['demo', ...small, '--bus', engine, '--kill', String(kills), '--data-directory', at]
    const { stdout } = await run(process.execPath, [main, ...args], { timeout: 170_000 })
    const summary = JSON.parse(stdout) as DemoSummary
    const { acknowledged } = summary.receipts
    expect(acknowledged).toBeGreaterThan(100)
    expect(summary).toMatchObject({ lost: 0, doubled: 0 })
    expect(summary.bus).toMatchObject({ engine, consumed: acknowledged, missing: 0 })
    expect(summary.bus?.published).toBeGreaterThanOrEqual(acknowledged)
    for (const { delivered, skipped } of summary.targets) expect(delivered + skipped).toBe(acknowledged)
    const settings = JSON.parse(await readFile(join(at, 'tillflow.json'), 'utf8')) as Record<string, unknown>
    expect(settings.deliveryFeed).toBe(feed)

    // It would be noticed: the same record against a consumer that did not get its last receipts.
    const record = parseAcknowledgements(await readFile(join(at, 'acknowledged.ndjson'), 'utf8'))
    const ids = (await readFile(join(at, 'bus-consumer.ids'), 'utf8')).split('\n')
    const last = new Set(record.slice(-3).map(({ transactionId }) => transactionId))
    expect(
      reckonBus(
        record,
        ids.filter((id) => !last.has(id)),
      ).missing,
    ).toHaveLength(3)
  })
})

describe('a demo whose bus is not said whole', () => {
  it('says what is missing before it starts anything', async () => {
    const args = ['demo', ...small, '--bus-url', 'amqp://127.0.0.1:1', '--data-directory', join(directory, 'none')]
    await expect(run(process.execPath, [main, ...args])).rejects.toMatchObject({
      stderr: expect.stringContaining('--bus-url needs --bus'),
    })
  })
})
