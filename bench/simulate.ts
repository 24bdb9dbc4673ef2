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
  const speeds: number[] = []
  const toJson = await medianOfPairs(
    'simulate/JSON',
    pairs,
    async () => {
      const speed = await generate()
      speeds.push(speed)
      return speed
    },
    stringify,
  )
  const written: number[] = []
  for (let run = 0; run < pairs; run += 1) written.push(await writeFiles(run))
  return {
    name: 'simulate',
    ratios: [
      { name: 'receipts made, to JSON.stringify of ready ones', value: toJson, goal: 0.1, better: 'higher' },
      {
        name: `receipts made in a second, to ${receiptsPerSecond}`,
        value: median(speeds) / receiptsPerSecond,
        goal: 1,
        better: 'higher',
      },
      {
        name: `receipts with faults, written as NDJSON with their truth in a second, to ${receiptsPerSecond}`,
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

/** The whole way of `tillflow simulate --out`. */
async function writeFiles(seed: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-bench-'))
  try {
    const options = { faults: 'light', format: 'tillflow', to: undefined, token: undefined, speed: undefined }
    const flags = { connections: 1, prepare: false, force: false, json: true }
    const { summary } = await runSimulate({ retailer: { ...retailer, seed }, ...options, ...flags, directory })
    if (!summary?.complete) throw new Error('the simulation did not come to its end')
    const speed = summary.transactions / summary.seconds
    process.stderr.write(`simulate/files: run ${seed + 1}: ${Math.round(speed)}/s\n`)
    return speed
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
