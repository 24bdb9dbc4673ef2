import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { silentLogger } from '../src/contract/logger.ts'
import { createPool } from '../src/database/pool.ts'
import { startTestServer } from '../src/testing/database/test-server.ts'
import { createBareTables, insertBare } from './baselines/bare-insert.ts'
import { postAll, requestOf } from './intake-load.ts'
import { medianOfPairs, pairsDefault } from './pairs.ts'
import { makeReceipts } from './receipts.ts'
import type { BenchResult } from './result.ts'
import { type BenchServer, startServer } from './start-server.ts'

const connections = 64
const requestsCount = 3_000
const batchLinesCount = 10_000

/** Durable intake against the same server without a database, against one transaction per request, and against a bare INSERT. */
export async function benchIntake(pairs = pairsDefault): Promise<BenchResult> {
  const postgres = await startTestServer({ alone: true })
  const database = await postgres.createDatabase({ migrated: true })
  const masterKey = randomBytes(32).toString('hex')
  const collector = await startSink()
  const servers = await Promise.all(
    ['group', 'single', 'memory', 'traced'].map((mode) =>
      startServer('intake-server.ts', [mode, database.url, masterKey, collector.url]),
    ),
  )
  const [group, single, memory, traced] = servers as [BenchServer, BenchServer, BenchServer, BenchServer]
  let seed = 1
  const single64 = async (server: BenchServer) => {
    const requests = makeReceipts(requestsCount, seed++).map((receipt) =>
      requestOf(Buffer.from(JSON.stringify(receipt))),
    )
    const { perSecond, statuses } = await postAll(server.address, requests, connections)
    if (statuses.get(201) !== requestsCount)
      throw new Error(`not every receipt was recorded: ${JSON.stringify([...statuses])}`)
    return perSecond
  }
  try {
    for (const server of servers) await single64(server)
    const toMemory = await medianOfPairs(
      'intake/no database',
      pairs,
      () => single64(group),
      () => single64(memory),
    )
    const toSingle = await medianOfPairs(
      'intake/one by one',
      pairs,
      () => single64(group),
      () => single64(single),
    )
    const toUntraced = await medianOfPairs(
      'intake/traced',
      pairs,
      () => single64(traced),
      () => single64(group),
    )
    if (collector.requestsCount() === 0) throw new Error('no trace was sent')
    const pool = createPool({ url: database.url, sizeMax: 4, applicationName: 'bench', logger: silentLogger })
    await createBareTables(pool)
    const batch = async () => {
      const lines = makeReceipts(batchLinesCount, seed++).map((receipt) => JSON.stringify(receipt))
      return rate(batchLinesCount, () => postBatch(group.address, `${lines.join('\n')}\n`, batchLinesCount))
    }
    const bare = async () => {
      const rows = makeReceipts(batchLinesCount, seed++).map(bareRow)
      return rate(batchLinesCount, () => insertBare(pool, rows, 500))
    }
    await batch()
    await bare()
    const toBare = await medianOfPairs('intake/batch', pairs, batch, bare)
    await pool.end()
    return {
      name: 'intake',
      ratios: [
        {
          name: 'single POSTs, 64 connections, against the same server without a database',
          value: toMemory,
          goal: 0.5,
          better: 'higher',
        },
        {
          name: 'single POSTs, 64 connections, against one transaction per request',
          value: toSingle,
          goal: 2.2,
          better: 'higher',
        },
        {
          name: 'single POSTs, 64 connections, a tenth of the traces recorded and sent, against none',
          value: toUntraced,
          goal: 0.85,
          better: 'higher',
        },
        {
          name: 'NDJSON batch against the bare multi-row INSERT of the same rows',
          value: toBare,
          goal: 0.5,
          better: 'higher',
        },
      ],
    }
  } finally {
    for (const server of servers) server.stop()
    collector.stop()
    await postgres.stop()
  }
}

/** A collector that takes everything and keeps nothing. */
async function startSink(): Promise<{ url: string; requestsCount(): number; stop(): void }> {
  let requestsCount = 0
  const server = createServer((request, response) => {
    requestsCount += 1
    request.resume().once('end', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requestsCount: () => requestsCount,
    stop: () => server.close(),
  }
}

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return count / ((performance.now() - startedAt) / 1_000)
}

async function postBatch(address: string, body: string, lines: number): Promise<void> {
  const answer = await request(`${address}/v1/transactions/batch`, {
    method: 'POST',
    headers: { authorization: 'Bearer bench', 'content-type': 'application/x-ndjson' },
    body,
    headersTimeout: 120_000,
    bodyTimeout: 120_000,
  })
  const recorded = (await answer.body.text()).split('"kind":"recorded"').length - 1
  if (recorded !== lines) throw new Error(`of ${lines} lines ${recorded} were recorded`)
}

/** The same rows that intake writes, made beforehand: the baseline only inserts. */
function bareRow(receipt: ReturnType<typeof makeReceipts>[number]): Parameters<typeof insertBare>[1][number] {
  const text = JSON.stringify(receipt)
  const id = randomBytes(16).toString('hex')
  const now = new Date()
  const { transactionType, businessUnitId, workstationId, sequenceNumber, businessDayDate, currency } = receipt
  const key = `till:${businessUnitId}/${workstationId}/-/${sequenceNumber}`
  return {
    transactions: [
      id,
      key,
      createHash('sha256').update(text).digest(),
      transactionType,
      businessUnitId,
      workstationId,
      null,
      sequenceNumber,
      businessDayDate,
      currency,
      100,
      null,
      'tillflow',
      'bench',
      now,
    ],
    raw_records: [id, 1, 'verbatim', randomBytes(text.length + 29)],
    journal_events: [
      id,
      (sequenceNumber ?? 0) % 64,
      'pos.transaction.recorded.v1',
      key,
      `${businessUnitId}/${workstationId}`,
      JSON.stringify({ transaction: receipt, findings: [] }),
      now,
    ],
  }
}
