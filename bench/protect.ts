import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { silentLogger } from '../src/contract/logger.ts'
import { createPool } from '../src/database/pool.ts'
import { startTestServer } from '../src/testing/database/test-server.ts'
import { postAll, requestOf } from './intake-load.ts'
import { medianOfPairs, pairsDefault } from './pairs.ts'
import { PostgresCpu } from './postgres-cpu.ts'
import { makeReceipts } from './receipts.ts'
import type { BenchResult } from './result.ts'
import { type BenchServer, startServer } from './start-server.ts'

const singlesCount = 3_000
const singleConnections = 64
const batchesCount = 60
const linesPerBatch = 100
const batchConnections = 8
/** CPU times are read from `/proc`. */
const tellsCpu = process.platform === 'linux'

/** Intake as shipped against the same server that looks for no card numbers and keeps everything in clear: what protecting costs. */
export async function benchProtect(pairs = pairsDefault): Promise<BenchResult> {
  const postgres = await startTestServer({ alone: true })
  const database = await postgres.createDatabase({ migrated: true })
  const masterKey = randomBytes(32).toString('hex')
  const unscanned = ['--import', join(import.meta.dirname, 'baselines/without-scanner.ts')]
  const start = (mode: string, nodeArguments: readonly string[] = []) =>
    startServer('intake-server.ts', [mode, database.url, masterKey], nodeArguments)
  const [ours, bare] = [await start('group'), await start('unprotected', unscanned)]
  const pool = createPool({ url: database.url, sizeMax: 1, applicationName: 'bench', logger: silentLogger })
  let seed = 1
  /** Of the server and of PostgreSQL, for as many receipts on either side; where the system tells it. */
  const cpuMs = new Map<BenchServer, number>()
  const measure = async (server: BenchServer, isBatch: boolean): Promise<number> => {
    const lines = isBatch ? linesPerBatch : 1
    const count = isBatch ? batchesCount : singlesCount
    const texts = makeReceipts(count * lines, seed++).map((receipt) => JSON.stringify(receipt))
    const head = {
      path: isBatch ? '/v1/transactions/batch' : '/v1/transactions',
      contentType: isBatch ? 'application/x-ndjson' : 'application/json',
      credentials: { authorization: 'Bearer bench' },
    }
    const requests = Array.from({ length: count }, (_, at) =>
      requestOf(Buffer.from(texts.slice(at * lines, (at + 1) * lines).join('\n')), head),
    )
    const before = await countRecorded()
    const [cpu, ofServer] = [tellsCpu ? await PostgresCpu.start(pool) : undefined, server.cpuMs()]
    const { perSecond } = await postAll(server.address, requests, isBatch ? batchConnections : singleConnections)
    if ((await countRecorded()) - before !== count * lines) throw new Error('not every receipt was recorded')
    const ofPostgres = await cpu?.read(pool)
    if (ofPostgres) cpuMs.set(server, (cpuMs.get(server) ?? 0) + server.cpuMs() - ofServer + ofPostgres.totalMs)
    return perSecond * lines
  }
  const countRecorded = async () => {
    const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from transactions')
    return rows[0]?.count ?? 0
  }
  try {
    for (const isBatch of [false, true]) for (const server of [ours, bare]) await measure(server, isBatch)
    const ratioOf = (name: string, isBatch: boolean) =>
      medianOfPairs(
        `protect/${name}`,
        pairs,
        () => measure(ours, isBatch),
        () => measure(bare, isBatch),
      )
    const singles = await ratioOf('single POSTs', false)
    cpuMs.clear()
    const batches = await ratioOf('batches', true)
    const [cpuOfOurs, cpuOfBare] = [cpuMs.get(ours), cpuMs.get(bare)]
    const cpu = cpuOfOurs && cpuOfBare ? [cpuOfBare / cpuOfOurs] : []
    const against = 'scanned and encrypted against neither'
    return {
      name: 'protect',
      ratios: [
        {
          name: `single POSTs, ${singleConnections} connections, ${against}`,
          value: singles,
          goal: 0.85,
          better: 'higher',
        },
        {
          name: `batches of ${linesPerBatch}, ${batchConnections} connections, ${against}`,
          value: batches,
          goal: 0.85,
          better: 'higher',
        },
        ...cpu.map((value) => ({
          name: `the same: CPU time for a receipt, ${against}, PostgreSQL included`,
          value,
          goal: 0.85,
          better: 'higher' as const,
        })),
      ],
    }
  } finally {
    await pool.end()
    for (const server of [ours, bare]) server.stop()
    await postgres.stop()
  }
}
