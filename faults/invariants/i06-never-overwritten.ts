import { makeSale } from '../../src/testing/receipts.ts'
import type { Bench } from '../bench/bench.ts'
import { createClient } from '../bench/client.ts'
import { openDatabase } from '../bench/database.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

/** The same till number with another amount, twice at once, after the first is recorded. */
async function attack(bench: Bench, receipts: number, mutant?: MutantName): Promise<Figure> {
  const { pool, url: databaseUrl } = await openDatabase(bench)
  const api = await startHub(bench, { name: 'api', databaseUrl, roles: ['api'], mutant })
  const client = createClient(bench, { address: api.ready.address ?? '', token: await createBenchToken(pool) })
  const numbers = Array.from({ length: receipts }, (_, index) => index + 1)
  await Promise.all(numbers.map((number) => client.post(makeSale(number))))
  const firsts = await readHashes(pool)
  const statuses = await Promise.all(
    numbers.flatMap((number) => {
      const other = makeSale(number, { operatorId: 'somebody-else', totals: { grandTotal: '6.00', taxTotal: '0.80' } })
      return [client.post(other), client.post(other)]
    }),
  )
  const refused = statuses.filter((answer) => answer?.status === 409).length
  const later = await readHashes(pool)
  const changed = [...firsts].filter(([id, hash]) => later.get(id) !== hash).length
  const { rows } = await pool.query<{ conflicts: number; raws: number }>(
    `select count(*)::int as conflicts, (select count(*)::int from raw_records r join conflicts c on r.record_id = c.conflict_id) as raws
     from conflicts where state = 'open'`,
  )
  const { conflicts = 0, raws = 0 } = rows[0] ?? {}
  return makeFigure({
    runs: statuses.length,
    text: `${statuses.length} contradictions of ${firsts.size} receipts: ${refused} answered 409, ${changed} overwritten, ${conflicts} kept for a person with their bytes`,
    broken: {
      'a recorded receipt was overwritten': changed > 0,
      'a contradiction was not answered as one': refused !== statuses.length,
      'a contradiction was not kept once': conflicts !== receipts || raws !== receipts,
    },
    blind: { 'the first uploads were not recorded': firsts.size !== receipts },
  })
}

/** Of each receipt its row, its event and its bytes. */
async function readHashes(pool: import('pg').Pool): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ id: string; hash: string }>(
    `select t.transaction_id as id, md5(t::text || e::text || r::text) as hash
     from transactions t join journal_events e on e.event_id = t.transaction_id join raw_records r on r.record_id = t.transaction_id`,
  )
  return new Map(rows.map((row) => [row.id, row.hash]))
}

export const neverOverwritten: Invariant = {
  id: 'I6',
  promise: 'The same number with other content overwrites nothing: both are kept',
  controlBreaks: ['a recorded receipt was overwritten'],
  run: (bench) => attack(bench, bench.choose({ quick: 250, nightly: 5_000 })),
  control: (bench) => attack(bench, 50, 'upsert'),
}
