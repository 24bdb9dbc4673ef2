import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSimulate } from '../src/cli/run-simulate.ts'
import { HubProcess } from '../test/hub-process.ts'
import { runTillflow } from '../test/launch-tillflow.ts'
import { median } from './pairs.ts'
import type { BenchResult } from './result.ts'

/** A receipt is one fact of ours and of POSLog's, and three or more of Shopify's and Square's: order, payments, refunds. */
const goals = { poslog: 0.5, shopify: 0.15, square: 0.15 } as const
const formats = Object.keys(goals) as (keyof typeof goals)[]
const retailer = { storesCount: 8, tillsPerStore: 2, daysCount: 1, firstDay: '2026-03-13', receiptsPerTill: 150 }
const flags = '--stores 8 --tills 2 --days 1 --first-day 2026-03-13 --receipts 150'.split(' ')
/** A hub of its own for each: three are the least from which a median says anything. */
const pairsFew = 3

/**
 * Till transactions a second that `simulate --to` and a hub on the same processors get through together, by format, to the same as our own
 * lines. The sender's share is in it: making the receipts, writing them as the vendor would, and counting the answers. How fast a
 * hub alone takes a format it does not say.
 */
export async function benchSend(pairs = pairsFew): Promise<BenchResult> {
  const speeds = new Map<string, number[]>()
  const ratios = new Map<string, number[]>()
  for (let pair = 1; pair <= pairs; pair += 1) {
    const own = await send('tillflow', pair)
    keep(speeds, 'tillflow', own)
    for (const format of formats) {
      const speed = await send(format, pair)
      keep(speeds, format, speed)
      keep(ratios, format, speed / own)
    }
  }
  for (const [format, values] of speeds)
    process.stderr.write(`send/${format}: median ${Math.round(median(values))}/s\n`)
  return {
    name: 'send',
    ratios: formats.map((format) => ({
      name: `till transactions a second as ${format}, to the same as our own lines`,
      value: median(ratios.get(format) ?? []),
      goal: goals[format],
      better: 'higher',
    })),
  }
}

function keep(all: Map<string, number[]>, name: string, value: number): void {
  all.set(name, [...(all.get(name) ?? []), value])
}

/** Till transactions a second from the first receipt that is made to the last answer of a fresh hub, PostgreSQL included. */
async function send(format: string, seed: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-bench-'))
  const named = [...flags, '--seed', String(seed), '--format', format]
  const prepared = await runTillflow(['simulate', ...named, '--prepare', '--out', 'sent', '--json'], { directory })
  if (prepared.code !== 0) throw new Error(prepared.stderr)
  const environment = { TILLFLOW_SETTINGS_FILE: join(directory, 'sent/tillflow.json') }
  const hub = await HubProcess.start({ directory, environment })
  try {
    const token = await hub.createToken()
    const startedAt = performance.now()
    const { summary } = await runSimulate({
      ...{ retailer: { ...retailer, seed }, faults: 'none', format, to: hub.address, token, speed: undefined },
      ...{ connections: 8, prepare: false, force: true, json: true, directory: join(directory, 'run') },
    })
    const seconds = (performance.now() - startedAt) / 1_000
    const { recorded = 0, refused = 0, quarantined = 0 } = summary?.hub ?? {}
    if (!summary?.complete || recorded === 0 || refused + quarantined > 0)
      throw new Error(`not everything was taken: ${JSON.stringify(summary)}`)
    const told = summary.transactions - Object.values(summary.leftOut).reduce((total, count) => total + count, 0)
    process.stderr.write(`send/${format}: ${told} transactions, ${recorded} facts, ${Math.round(told / seconds)}/s\n`)
    return told / seconds
  } finally {
    await hub.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
