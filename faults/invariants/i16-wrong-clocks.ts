import type { Bench } from '../bench/bench.ts'
import { findInversions, placeOf } from '../bench/checker.ts'
import { createClient } from '../bench/client.ts'
import { openDatabase } from '../bench/database.ts'
import { deliverAll } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import { salesOfTills } from '../bench/receipts.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

/** What the clock of a till says at its n-th receipt. */
const clocks: Record<string, (nowMs: number, number: number) => number> = {
  'ten years behind': (nowMs, number) => nowMs - 3_653 * dayMs + number * 60_000,
  'a day behind': (nowMs, number) => nowMs - dayMs + number * 60_000,
  'an hour ahead': (nowMs, number) => nowMs + hourMs + number * 1_000,
  'ten years ahead': (nowMs, number) => nowMs + 3_653 * dayMs + number * 60_000,
  'jumps back at noon': (nowMs, number) => nowMs - (number % 10 === 0 ? 12 * hourMs : 0),
  'runs backwards': (nowMs, number) => nowMs - number * 60_000,
  '1970': (_nowMs, number) => number * 1_000,
  'leap day': (_nowMs, number) => Date.UTC(2024, 1, 29, 23, 59, 59) - number,
}

async function attack(bench: Bench, perTill: number, mutant?: MutantName): Promise<Figure> {
  const database = await openDatabase(bench)
  const { pool, url: databaseUrl } = database
  const api = await startHub(bench, { name: 'api', databaseUrl, roles: ['api'] })
  const client = createClient(bench, { address: api.ready.address ?? '', token: await createBenchToken(pool) })
  const names = Object.keys(clocks)
  const said = new Map<string, string>()
  let refused = 0
  await Promise.all(
    names.map(async (name, index) => {
      for (const sale of salesOfTills(1, perTill)) {
        const number = sale.sequenceNumber ?? 0
        const workstationId = String(index + 1)
        const endDateTime = new Date(clocks[name]?.(Date.now(), number) ?? 0).toISOString()
        said.set(`till:9/${workstationId}/-/${number}`, endDateTime)
        const answer = await client.post({ ...sale, workstationId, endDateTime })
        if (answer?.status !== 201) refused += 1
      }
    }),
  )
  const { rows } = await pool.query<{ subject: string; said: string; flagged: boolean }>(
    `select subject, data -> 'transaction' ->> 'endDateTime' as said, data::jsonb -> 'findings' @> '[{"check": "INV-10", "message": "The clock of the till is more than 24 hours ahead."}]' as flagged
     from journal_events`,
  )
  const altered = rows.filter((row) => said.get(row.subject) !== row.said).length
  const ahead = rows.filter((row) => Date.parse(row.said) > Date.now() + dayMs)
  const unflagged = ahead.filter((row) => !row.flagged).length
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const targets = [erpTarget(erp, { idempotent: true })]
  await deliverAll(bench, { database, targets, processes: 1, mutant, standstillMaxMs: mutant ? 10_000 : 60_000 })
  const effects = (await erp.effects()).map((effect) => effect.reference)
  const inversions = findInversions(effects.map(placeOf)).length
  return makeFigure({
    runs: said.size,
    text: `${names.length} tills (${names.join(', ')}) x ${perTill} receipts: ${refused} refused, ${altered} times altered, ${unflagged} of ${ahead.length} far ahead not flagged, ${inversions} delivered in the order of a clock`,
    broken: {
      'a receipt was refused for its clock': refused > 0,
      "a till's own time was altered": altered > 0,
      'a clock that is far ahead was not flagged': unflagged > 0,
      'the order followed a clock': inversions > 0,
      'receipts did not arrive': mutant === undefined && effects.length !== said.size,
    },
    blind: { 'no clock was ahead': ahead.length === 0 },
  })
}

export const wrongClocks: Invariant = {
  id: 'I16',
  promise:
    "A till's wrong clock costs no receipt and no order; its own words are kept, and a clock far ahead is flagged",
  controlBreaks: ['the order followed a clock'],
  run: (bench) => attack(bench, bench.choose({ quick: 60, nightly: 500 })),
  control: (bench) => attack(bench, 20, 'order-by-till-clock'),
}
