import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tryton } from '../../src/connectors/tryton/connector.ts'
import { systemClock, systemRandom } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { decide } from '../../src/delivery/decide.ts'
import { defaultPolicy } from '../../src/delivery/policy.ts'
import { createPostgresDeliveryStore } from '../../src/delivery/postgres-store.ts'
import { ensureTarget } from '../../src/delivery/targets.ts'
import { runWorkers, TargetWorker } from '../../src/delivery/worker.ts'
import { countingLines, isSaleLine, isTenderLine } from '../../src/domain/compute-totals.ts'
import { decimal, negate } from '../../src/domain/decimal.ts'
import { orderingKey, transactionKey } from '../../src/domain/identity.ts'
import { postingKind } from '../../src/domain/postable.ts'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts'
import { shardOf } from '../../src/journal/shard.ts'
import { planStores } from '../../src/simulator/retailer/store-plan.ts'
import { simulateTillDay } from '../../src/simulator/retailer/till-day.ts'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { seededRandom } from '../../src/testing/simulation/world.ts'
import { type LossyProxy, startLossyProxy } from '../peers/lossy-proxy.ts'
import { type OpenTryton, openTryton } from '../peers/tryton/open-tryton.ts'
import { readStock, readTotals, Sums, type Totals } from '../peers/tryton/tryton-totals.ts'

/** Receipts of each till; a real ERP takes a second for each. TRYTON_RECEIPTS sets more. */
const receiptsPerTill = Number(process.env.TRYTON_RECEIPTS ?? 24)
const businessDayDate = '2026-03-02'
const opened = await openTryton()

describe.skipIf(!opened)('a simulated day in Tryton, while answers are lost and gateways fail', () => {
  let peer: OpenTryton
  let proxy: LossyProxy
  let server: TestServer
  let database: TestDatabase
  beforeAll(async () => {
    peer = opened ?? expect.unreachable()
    proxy = await startLossyProxy(peer.address.url)
    server = await startTestServer()
    database = await server.createDatabase()
  })
  afterAll(async () => {
    await database?.drop()
    await server?.stop()
    await proxy?.stop()
    await peer?.drop()
  })

  it('is in its books to the cent and its stock to the piece, each receipt once', { timeout: 3_600_000 }, async () => {
    const transactions = simulateStores()
    const subjects = await append(database, transactions)
    const dice = seededRandom(11)
    proxy.decide = (body) => {
      if (body.includes('common.db.login')) return 'pass'
      const roll = dice.next()
      return roll < 0.01 ? 'lose-answer' : roll < 0.015 ? 'error-500' : roll < 0.02 ? 'refuse' : 'pass'
    }
    await deliver(database, proxy, subjects)

    const expected = expectedOf(transactions)
    const { openCount, invoicesCount, invoiced: _, ...totals } = await readTotals(peer.api)
    expect(totals).toEqual(expected.totals)
    expect([openCount, invoicesCount]).toEqual([0, expected.receiptsCount])
    for (const [store, stock] of Object.entries(expected.stock)) {
      expect(await readStock(peer.api, store), `the stock of store ${store}`).toEqual(stock)
    }
    const { rows } = await database.pool.query<{ count: number }>(
      `select count(*)::int from (select event_id from delivery_documents group by event_id having count(*) >= 3) as whole`,
    )
    expect(rows[0]?.count).toBe(expected.receiptsCount)
  })
})

/** Stores of two countries, tax in the price and on top, two currencies, returns that know their sale. */
function simulateStores(): Transaction[] {
  return planStores(3, 1).flatMap((plan) =>
    plan.workstationIds.flatMap((workstationId) => [
      ...simulateTillDay({
        plan,
        workstationId,
        businessDayDate,
        receiptsCount: receiptsPerTill,
        firstSequenceNumber: 1,
        seed: 5,
      }),
    ]),
  )
}

const keyOf = (transaction: Transaction) => transactionKey(transaction, { numbersRestartDaily: false }) ?? ''

async function append({ pool }: TestDatabase, transactions: readonly Transaction[]): Promise<number> {
  const ids = new Map(transactions.map((transaction) => [keyOf(transaction), randomUUID()]))
  for (const transaction of transactions) {
    const key = orderingKey(transaction)
    const originals = (transaction.links ?? []).flatMap(({ businessUnitId, workstationId, sequenceNumber }) => {
      const store = businessUnitId ?? transaction.businessUnitId
      return ids.get(`till:${store}/${workstationId ?? transaction.workstationId}/-/${sequenceNumber}`) ?? []
    })
    await pool.query(
      `insert into journal_events (event_id, shard, event_type, subject, ordering_key, depends_on, data)
       values ($1, $2, 'pos.transaction.recorded.v1', $3, $4, $5, $6)`,
      [
        ids.get(keyOf(transaction)),
        shardOf(key),
        keyOf(transaction),
        key,
        originals,
        JSON.stringify({ transaction, findings: [] }),
      ],
    )
  }
  return transactions.length
}

/** Two workers, as a hub has them, until everything is delivered or skipped. */
async function deliver({ pool }: TestDatabase, proxy: LossyProxy, eventsCount: number): Promise<void> {
  const { targetId } = await ensureTarget(pool, 'erp', 'tryton')
  const settings = { ...opened?.address, url: proxy.url }
  const guarded = createGuardedFetch({ allowPrivateNetwork: true, timeoutMs: 60_000 })
  const target = {
    targetId,
    name: 'erp',
    connectorName: 'tryton',
    connection: tryton.connect(settings, { logger: silentLogger, allowPrivateNetwork: true }),
    policy: { ...defaultPolicy, attemptTimeoutMs: 90_000, backoffBaseMs: 100, concurrencyMax: 2, attemptsMax: 30 },
    fetch: guarded,
  }
  const store = createPostgresDeliveryStore(pool)
  const tools = { store, clock: systemClock, random: systemRandom, logger: silentLogger, decide }
  const workers = [1, 2].map(
    () => new TargetWorker(target, { ...tools, workerId: randomUUID() }, { leaseMs: 200_000, pollMs: 200 }),
  )
  const running = runWorkers(workers)
  try {
    for (;;) {
      const { rows } = await pool.query<{ ended: number; parked: string | null }>(
        `select (select count(*)::int from delivery_results) as ended,
          (select string_agg(distinct reason, '; ') from delivery_entries where state in ('parked', 'needs-check')) as parked`,
      )
      const [{ ended, parked } = { ended: 0, parked: null }] = rows
      if (parked !== null) expect.fail(`parked: ${parked}`)
      if (ended === eventsCount) break
      await systemClock.sleep(500)
    }
  } finally {
    for (const worker of workers) worker.stop()
    await running
    await guarded.close()
  }
}

interface Expected {
  totals: { tenders: Totals; taxes: Totals }
  stock: Record<string, Totals>
  receiptsCount: number
}

/** What the tills themselves say, added up without the connector. */
function expectedOf(transactions: readonly Transaction[]): Expected {
  const [tenders, taxes, stock] = [new Sums(), new Sums(), new Map<string, Sums>()]
  let receiptsCount = 0
  for (const transaction of transactions) {
    if (postingKind(transaction) !== 'sale') continue
    // A receipt whose lines were all voided has sold nothing.
    if (countingLines(transaction).some(isSaleLine)) receiptsCount += 1
    const place = `${transaction.businessUnitId} ${businessDayDate}`
    const store = stock.get(transaction.businessUnitId) ?? new Sums()
    stock.set(transaction.businessUnitId, store)
    const ofLines = countingLines(transaction).flatMap((line) => (isSaleLine(line) ? (line.taxes ?? []) : []))
    for (const tax of ofLines) taxes.add(taxName(place, tax), decimal(tax.taxAmount ?? '0'))
    for (const line of countingLines(transaction)) {
      if (isTenderLine(line)) tenders.add(`${place} ${line.tenderType}`, decimal(line.amount))
      // The summary says the same money again where lines have their own.
      if (line.lineType === 'TAX' && ofLines.length === 0) taxes.add(taxName(place, line), decimal(line.taxAmount))
      if (!isSaleLine(line)) continue
      store.add(line.itemId, negate(decimal(line.quantity)))
    }
  }
  return {
    totals: { tenders: tenders.texts(), taxes: taxes.texts() },
    stock: Object.fromEntries([...stock].map(([store, sums]) => [store, sums.texts()])),
    receiptsCount,
  }
}

function taxName(place: string, { taxType, ratePercent }: { taxType: string; ratePercent?: string }): string {
  return `${place} TILL-${taxType}-${ratePercent}`
}
