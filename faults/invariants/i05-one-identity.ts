import type { Pool } from 'pg'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import type { Bench } from '../bench/bench.ts'
import { type Client, createClient, type HubAnswer } from '../bench/client.ts'
import { openDatabase } from '../bench/database.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import { salesOfTills } from '../bench/receipts.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const uploadsEach = 50

/** Fifty uploads of one receipt at the same moment, over three API processes. */
async function attack(bench: Bench, groups: number, mutant?: MutantName): Promise<Figure> {
  const { pool, url: databaseUrl } = await openDatabase(bench)
  if (mutant === 'check-then-insert') await dropIdentity(pool)
  const token = await createBenchToken(pool)
  const names = ['api-1', 'api-2', 'api-3']
  const hubs = await Promise.all(names.map((name) => startHub(bench, { name, databaseUrl, roles: ['api'], mutant })))
  const clients = hubs.map((hub) => createClient(bench, { address: hub.ready.address ?? '', token, connections: 17 }))
  const sales = salesOfTills(10, Math.ceil(groups / 10)).slice(0, groups)
  const firsts = new Map<Transaction, HubAnswer>()
  let wrong = 0
  for (const sale of sales) {
    const answers = await sendTogether(clients, sale)
    const [first] = answers.filter((answer) => answer?.status === 201)
    if (first) firsts.set(sale, first)
    if (!isOneRecord(answers)) wrong += 1
  }
  // Processes that never saw them: what identifies a receipt is not a memory that ends.
  await Promise.all(hubs.map((hub) => hub.kill()))
  await Promise.all(hubs.map((hub) => hub.start()))
  let forgotten = 0
  for (const [sale, first] of [...firsts].slice(0, 50)) {
    const answer = await clients[0]?.post(sale)
    if (answer?.status !== 200 || answer.recordedAt !== first.recordedAt) forgotten += 1
  }
  const { transactions, events } = await countRows(pool)
  return makeFigure({
    runs: groups,
    text: `${groups} receipts x ${uploadsEach} uploads at once over 3 processes: ${transactions} recorded, ${events} events, ${wrong} answered as anything but one 201 and the same again, ${forgotten} forgotten after a restart`,
    broken: {
      'a receipt was recorded twice': transactions > groups || events > groups,
      'a receipt is missing': transactions < groups || events < groups,
      'the answers do not speak of one record': wrong > 0,
      'a receipt was new again after a restart': forgotten > 0,
    },
  })
}

function sendTogether(clients: readonly Client[], sale: Transaction): Promise<(HubAnswer | undefined)[]> {
  return Promise.all(Array.from({ length: uploadsEach }, (_, index) => clients[index % clients.length]?.post(sale)))
}

/** One was first, and all others heard of that one. */
function isOneRecord(answers: readonly (HubAnswer | undefined)[]): boolean {
  const first = answers.filter((answer) => answer?.status === 201)
  const again = answers.filter((answer) => answer?.status === 200)
  const moments = new Set(answers.map((answer) => `${answer?.transactionId} ${answer?.recordedAt}`))
  return first.length === 1 && again.length === answers.length - 1 && moments.size === 1
}

async function countRows(pool: Pool): Promise<{ transactions: number; events: number }> {
  const { rows } = await pool.query<{ transactions: number; events: number }>(
    'select (select count(*) from transactions)::int as transactions, (select count(*) from journal_events)::int as events',
  )
  return rows[0] ?? { transactions: 0, events: 0 }
}

/** The tables as they would be if identity were only looked for. */
async function dropIdentity(pool: Pool): Promise<void> {
  await pool.query('alter table transactions drop constraint transactions_pkey cascade')
  await pool.query('alter table journal_events drop constraint journal_events_pkey')
  await pool.query('alter table raw_records drop constraint raw_records_pkey')
}

export const oneIdentity: Invariant = {
  id: 'I5',
  promise: 'A receipt that is uploaded many times at once is one receipt, for ever',
  controlBreaks: ['a receipt was recorded twice'],
  run: (bench) => attack(bench, bench.choose({ quick: 30, nightly: 2_000 })),
  control: (bench) => attack(bench, 20, 'check-then-insert'),
}
