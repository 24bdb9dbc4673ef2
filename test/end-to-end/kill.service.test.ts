import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reckon } from '../../src/demo/reckon.ts'
import type { DemoSummary } from '../../src/demo/run-demo.ts'
import { parseAcknowledgements } from '../../src/simulator/sender/acknowledgements.ts'
import { makeTestDirectory } from '../../src/testing/database/memory-root.ts'

import { takePort } from './take-port.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../../src/main.ts')

let directory: string
beforeAll(async () => {
  directory = await makeTestDirectory('tillflow-kill-')
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('twenty kill -9 of hub, delivery and database while tills sell', () => {
  it('lose nothing, double nothing, and everything arrives', { timeout: 240_000 }, async () => {
    const args = [
      'demo',
      '--once',
      '--json',
      '--port',
      '0',
      // Selling lasts for as long as killing: every kill is felt.
      '--receipts',
      '120',
      '--pause-ms',
      '120',
      '--kill',
      '20',
      '--seed',
      '7',
    ]
    // The database comes back at another port then, and everybody finds it.
    const over = new AbortController()
    const taken = takePort(join(directory, 'hub'), over.signal)
    const { stdout } = await run(process.execPath, [main, ...args, '--data-directory', directory], {
      timeout: 230_000,
      maxBuffer: 64 * 2 ** 20,
    }).finally(() => over.abort())
    expect(await taken).toBeGreaterThan(0)
    const summary = JSON.parse(stdout) as DemoSummary
    const { hub, worker, database } = summary.kills
    expect(hub + worker + database).toBe(20)
    // The kills were felt: tills had to send again.
    expect(summary.retries).toBeGreaterThan(0)
    expect(summary).toMatchObject({ lost: 0, doubled: 0 })
    expect(summary.receipts.acknowledged).toBeGreaterThan(1_000)
    expect(summary.targets.map(({ name, parked, waiting, pending }) => ({ name, parked, waiting, pending }))).toEqual(
      ['erp', 'shop', 'archive'].map((name) => ({ name, parked: 0, waiting: 0, pending: 0 })),
    )
    for (const { delivered, skipped } of summary.targets)
      expect(delivered + skipped).toBe(summary.receipts.acknowledged)
  })

  it('would be noticed: the same record against a log without its last effects is not clean', async () => {
    const acknowledged = parseAcknowledgements(await readFile(join(directory, 'acknowledged.ndjson'), 'utf8'))
    const effects = acknowledged.filter((one) => one.postable).map((one) => one.transactionId)
    expect(reckon(acknowledged, [{ name: 'erp', effects }])).toMatchObject({ lost: 0 })
    expect(reckon(acknowledged, [{ name: 'erp', effects: effects.slice(0, -3) }])).toMatchObject({ lost: 3 })
  })
})
