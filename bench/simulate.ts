import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSimulate } from '../src/cli/run-simulate.ts'
import type { Transaction } from '../src/domain/transaction/transaction.ts'
import { planRegions } from '../src/simulator/retailer/retailer.ts'
import { median, medianOfPairs, pairsDefault } from './pairs.ts'
import type { BenchResult } from './result.ts'

/** What one process must drive. */
const receiptsPerSecond = 5_000
const retailer = { storesCount: 10, tillsPerStore: 4, daysCount: 2, firstDay: '2026-03-13', receiptsPerTill: 100 }

/** How fast a simulated retailer sells, beside turning ready receipts into JSON: nobody can send them faster than that. */
export async function benchSimulate(pairs = pairsDefault): Promise<BenchResult> {
  let seed = 1
  const ready = [...transactionsOf(seed)]
  const generate = async () => {
    seed += 1
    return perSecond(() => count(transactionsOf(seed)))
  }
  const stringify = async () =>
    perSecond(() => {
      let bytes = 0
      for (const transaction of ready) bytes += JSON.stringify(transaction).length
      if (bytes === 0) throw new Error('nothing was written')
      return ready.length
    })
  await generate()
  await stringify()
  const toJson = await medianOfPairs('simulate/JSON', pairs, generate, stringify)
  await writeFiles(0)
  const made: number[] = []
  const written: number[] = []
  for (let run = 1; run <= pairs; run += 1) {
    made.push(await perCpuSecond('simulate/made', async () => count(transactionsOf(run))))
    written.push(await perCpuSecond('simulate/files', () => writeFiles(run)))
  }
  return {
    name: 'simulate',
    ratios: [
      { name: 'receipts made, to JSON.stringify of ready ones', value: toJson, goal: 0.2, better: 'higher' },
      {
        name: `receipts made in a second of a processor, to ${receiptsPerSecond}`,
        value: median(made) / receiptsPerSecond,
        goal: 1,
        better: 'higher',
      },
      {
        name: `the same with faults, written as NDJSON with their truth, to ${receiptsPerSecond}`,
        value: median(written) / receiptsPerSecond,
        goal: 1,
        better: 'higher',
      },
    ],
  }
}

function* transactionsOf(seed: number): Generator<Transaction> {
  for (const region of planRegions({ ...retailer, seed }))
    for (const day of region.days) for (const tillDay of region.tillDays(day)) yield* tillDay.transactions()
}

function count(transactions: Iterable<Transaction>): number {
  let made = 0
  for (const _ of transactions) made += 1
  return made
}

function perSecond(work: () => number): number {
  const startedAt = performance.now()
  const amount = work()
  return amount / ((performance.now() - startedAt) / 1_000)
}

/** By the processor's clock, all threads together: what else the machine is doing takes no part in it. */
async function perCpuSecond(name: string, work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage()
  const amount = await work()
  const { user, system } = process.cpuUsage(before)
  const speed = amount / ((user + system) / 1e6)
  process.stderr.write(`${name}: ${Math.round(speed)} per second of a processor\n`)
  return speed
}

/** The whole way of `tillflow simulate --out`. */
async function writeFiles(seed: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-bench-'))
  try {
    const options = { faults: 'light', format: 'tillflow', to: undefined, token: undefined, speed: undefined }
    const flags = { connections: 1, prepare: false, force: false, json: true }
    const { summary } = await runSimulate({ retailer: { ...retailer, seed }, ...options, ...flags, directory })
    if (!summary?.complete) throw new Error('the simulation did not come to its end')
    return summary.transactions
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
