import { readFileSync } from 'node:fs'
import type { Bench } from '../bench/bench.ts'
import { createClient } from '../bench/client.ts'
import { openDatabase } from '../bench/database.ts'
import { isSettled } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import type { Program } from '../bench/program.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { comesTrue } from '../bench/wait.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const growthMaxMebibytes = 64
const tills = 50
const batchSize = 500

/** Memory of a process in MiB, as the system counts it. */
function residentMebibytes(program: Program): number {
  const text = readFileSync(`/proc/${program.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1_024
}

/** Watches the highest memory of some processes from when they are warm. */
function watchMemory(programs: readonly Program[]): { growth(): number; stop(): void } {
  const first = programs.map(residentMebibytes)
  const highest = [...first]
  const timer = setInterval(() => {
    programs.forEach((program, index) => {
      highest[index] = Math.max(highest[index] ?? 0, residentMebibytes(program))
    })
  }, 100)
  return {
    growth: () => Math.max(...highest.map((value, index) => value - (first[index] ?? 0))),
    stop: () => clearInterval(timer),
  }
}

/** Tills go on while their target is away; then it comes back, and all of it drains. */
async function attack(bench: Bench, backlog: number, mutant?: MutantName): Promise<Figure> {
  const database = await openDatabase(bench)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const shared = { databaseUrl: database.url, targets: [erpTarget(erp, { idempotent: true })] }
  const api = await startHub(bench, { ...shared, name: 'api', roles: ['api'] })
  const delivery = await startHub(bench, { ...shared, name: 'delivery', roles: ['delivery'], mutant })
  const token = await createBenchToken(database.pool)
  const client = createClient(bench, { address: api.ready.address ?? '', token, answerWithinMs: 60_000 })
  let next = 1
  let sold = 0
  const sell = async (count: number) => {
    for (const end = sold + count; sold < end; next += batchSize / tills) {
      const answers = await client.postBatch(salesOfTills(tills, batchSize / tills, next))
      sold += answers.filter((answer) => answer.status === 201).length
      if (answers.length === 0) throw new Error('the hub did not take a batch')
    }
  }
  const isDrained = async () => (await isSettled(database, 1)) && (await erp.effects()).length === sold
  // Warm: everything has been done often.
  await sell(10_000)
  const warm = await comesTrue(isDrained, 120_000, 250)
  await erp.setFaults({ errorRate: 1 })
  const memory = watchMemory([api, delivery])
  await sell(backlog)
  await erp.setFaults({})
  const from = performance.now()
  const drained = await comesTrue(isDrained, 120_000 + backlog, 250)
  const perSecond = backlog / ((performance.now() - from) / 1_000)
  memory.stop()
  return makeFigure({
    runs: backlog,
    text: `a backlog of ${backlog} events: no process grew by more than ${Math.round(memory.growth())} MiB; drained at ${Math.round(perSecond)} events/s`,
    broken: {
      [`a process grew by more than ${growthMaxMebibytes} MiB`]: memory.growth() > growthMaxMebibytes,
      'the backlog did not drain': !drained,
    },
    blind: { 'the hub did not become warm': !warm },
  })
}

export const boundedMemory: Invariant = {
  id: 'I10',
  promise: 'A backlog costs disk, not memory',
  run: (bench) => attack(bench, bench.choose({ quick: 20_000, nightly: 1_000_000 })),
  control: (bench) => attack(bench, 20_000, 'unbounded-prefetch'),
}
