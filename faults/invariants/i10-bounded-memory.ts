import { readFileSync } from 'node:fs'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
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
/** A collector that has room leaves garbage lying about, which looks like growth. In so little room only what is held on to can grow. */
const heapMaxMebibytes = 96
const tills = 50
const batchSize = 500

/** Memory of a process in MiB, as the system counts it; 0 of one that has ended. */
function residentMebibytes(program: Program): number {
  try {
    const text = readFileSync(`/proc/${program.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1_024
  } catch {
    return 0
  }
}

/** The highest memory of each process while `work` goes on. */
async function peakOf(programs: readonly Program[], work: () => Promise<void>): Promise<number[]> {
  const highest = programs.map(residentMebibytes)
  const timer = setInterval(() => {
    programs.forEach((program, index) => {
      highest[index] = Math.max(highest[index] ?? 0, residentMebibytes(program))
    })
  }, 100)
  await work().finally(() => clearInterval(timer))
  return highest
}

/** Receipts of twelve lines, as a supermarket has them. */
function makeReceipts(first: number): Transaction[] {
  return salesOfTills(tills, batchSize / tills, first).map((sale) => {
    const goods = sale.lines.filter((line) => line.lineType === 'SALE')
    const more = Array.from({ length: 10 }, (_, index) => goods.map((line) => ({ ...line, lineNumber: index + 10 })))
    return { ...sale, lines: [...sale.lines, ...more.flat()] }
  })
}

/** Tills go on while their target is away, then it comes back and all of it drains: once with a small backlog, once with a large one. */
async function attack(bench: Bench, backlog: number, mutant?: MutantName): Promise<Figure> {
  const database = await openDatabase(bench)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const targets = [erpTarget(erp, { idempotent: true })]
  const shared = { databaseUrl: database.url, targets, heapMaxMebibytes }
  const api = await startHub(bench, { ...shared, name: 'api', roles: ['api'] })
  const delivery = await startHub(bench, { ...shared, name: 'delivery', roles: ['delivery'], mutant })
  const token = await createBenchToken(database.pool)
  const client = createClient(bench, { address: api.ready.address ?? '', token, answerWithinMs: 60_000 })
  const programs = [api, delivery]
  const allLive = () => programs.every((program) => program.isRunning)
  let next = 1
  let sold = 0
  let drained = true
  let perSecond = 0
  const liveThrough = async (count: number) => {
    await erp.setFaults({ errorRate: 1 })
    for (const end = sold + count; sold < end; next += batchSize / tills) {
      const answers = await client.postBatch(makeReceipts(next))
      sold += answers.filter((answer) => answer.status === 201).length
      if (answers.length === 0 && api.isRunning) throw new Error('the hub did not take a batch')
      if (!allLive()) break
    }
    await erp.setFaults({})
    const from = performance.now()
    await comesTrue(async () => !allLive() || (await isSettled(database, 1)), 180_000 + backlog, 250)
    drained &&= allLive() && (await isSettled(database, 1))
    perSecond = count / ((performance.now() - from) / 1_000)
  }
  // After it everything has been done that there is to do.
  const smallBacklog = backlog / bench.choose({ quick: 4, nightly: 20 })
  const small = await peakOf(programs, () => liveThrough(smallBacklog))
  const large = await peakOf(programs, () => liveThrough(backlog))
  const died = programs.filter((program) => !program.isRunning).map((program) => program.name)
  const growth = Math.max(...large.map((peak, index) => peak - (small[index] ?? 0)))
  return makeFigure({
    runs: backlog,
    text: `a backlog of ${backlog} events against one of ${smallBacklog}: ${Math.round(growth)} MiB more in the API or delivery at most (${large.map(Math.round).join(' and ')} MiB), ${died.length} died of a heap of ${heapMaxMebibytes} MiB; drained at ${Math.round(perSecond)} events/s`,
    broken: {
      'a backlog cost memory': growth > growthMaxMebibytes || died.length > 0,
      'the backlog did not drain': !drained,
    },
  })
}

export const boundedMemory: Invariant = {
  id: 'I10',
  promise: 'A backlog costs disk, not memory',
  controlBreaks: ['a backlog cost memory'],
  // A backlog that shows anything takes minutes to fill and to drain.
  profiles: ['nightly'],
  run: (bench) => attack(bench, bench.choose({ quick: 8_000, nightly: 1_000_000 })),
  control: (bench) => attack(bench, 8_000, 'unbounded-prefetch'),
}
