import type { Pool } from 'pg'
import { readParked } from '../../src/delivery/parked.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import type { Bench } from '../bench/bench.ts'
import { findMissing } from '../bench/checker.ts'
import { createClient } from '../bench/client.ts'
import { openDatabase } from '../bench/database.ts'
import { deliverAll } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import { attackInParts } from '../bench/parts.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

type Sale = ReturnType<typeof makeSale>

/** Tills that are newer than the hub: what they say more is kept, and must be found again in the event by this word. */
const additive: Record<string, (sale: Sale) => object> = {
  gold: (sale) => ({ ...sale, loyaltyTier: 'gold' }),
  carbonGrams: (sale) => ({ ...sale, lines: sale.lines.map((line) => ({ ...line, carbonGrams: 12 })) }),
  PALM_SCAN: (sale) => ({
    ...sale,
    lines: sale.lines.map((line) => (line.lineType === 'TENDER' ? { ...line, tenderType: 'PALM_SCAN' } : line)),
  }),
  DRONE_DROP: (sale) => ({ ...sale, transactionType: 'DRONE_DROP' }),
  HOLOGRAM: (sale) => ({ ...sale, lines: [...sale.lines, { lineNumber: 3, lineType: 'HOLOGRAM' }] }),
}

/** What this target cannot know how to book: it is left out, or refused, with a reason. */
const notBookable = new Set(['DRONE_DROP', 'PALM_SCAN'])

/** Tills that say something of another shape: kept in quarantine, their number is occupied. */
const breaking: readonly ((sale: Sale) => object)[] = [
  (sale) => ({ ...sale, schemaVersion: 99 }),
  (sale) => ({ ...sale, currency: undefined }),
  (sale) => ({ ...sale, lines: {} }),
  (sale) => ({ ...sale, lines: [null, ...sale.lines] }),
  (sale) => ({ ...sale, totals: { grandTotal: 5 } }),
  (sale) => ({ ...sale, totals: { grandTotal: { value: '5.00' } } }),
  (sale) => ({ ...sale, endDateTime: 1_772_445_845 }),
]

/** Old, newer and broken tills at the same hub, all mixed. */
async function attack(bench: Bench, rounds: number, mutant?: MutantName): Promise<Figure> {
  const database = await openDatabase(bench)
  const { pool, url: databaseUrl } = database
  const api = await startHub(bench, { name: 'api', databaseUrl, roles: ['api'], mutant })
  const client = createClient(bench, { address: api.ready.address ?? '', token: await createBenchToken(pool) })
  const counts = { newer: 0, newerRefused: 0, broken: 0, brokenLost: 0, old: 0, oldHeldUp: 0 }
  const words = new Map<string, string>()
  for (let number = 1; number <= rounds; number += 1) {
    await Promise.all([
      ...Object.entries(additive).map(async ([word, change], index) => {
        const answer = await client.post(change(makeSale(number, { workstationId: `newer-${index}` })))
        counts.newer += 1
        if (answer?.status === 201) words.set(answer.transactionId ?? '', word)
        else counts.newerRefused += 1
      }),
      ...breaking.map(async (change, index) => {
        const answer = await client.post(change(makeSale(number, { workstationId: `broken-${index}` })))
        counts.broken += 1
        if (answer?.status !== 202) counts.brokenLost += 1
      }),
      client.post(makeSale(number, { workstationId: 'old' })).then((answer) => {
        counts.old += 1
        if (answer?.status !== 201) counts.oldHeldUp += 1
      }),
    ])
  }
  const forgotten = await countForgotten(pool, words)
  const quarantined = await countQuarantined(pool)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const { settled, status } = await deliverAll(bench, {
    database,
    targets: [erpTarget(erp, { idempotent: true })],
    processes: 1,
    standstillMaxMs: 30_000,
  })
  const effects = (await erp.effects()).map((effect) => effect.reference)
  const receiptsOf = (till: string) => Array.from({ length: rounds }, (_, index) => `till:9/${till}/-/${index + 1}`)
  const missing = findMissing(receiptsOf('old'), effects).length
  const newer = Object.keys(additive).flatMap((_, index) => receiptsOf(`newer-${index}`))
  const told = await readGivenBack(pool)
  const newerMissing = findMissing(newer, [...effects, ...told]).length
  const bookable = Object.keys(additive).flatMap((word, index) =>
    notBookable.has(word) ? [] : receiptsOf(`newer-${index}`),
  )
  const notBooked = findMissing(bookable, effects).length
  const { delivered = 0, skipped = 0, parked = 0 } = status[0] ?? {}
  return makeFigure({
    runs: counts.newer + counts.broken,
    text: `${counts.newer} receipts of newer tills: ${counts.newerRefused} not taken, ${forgotten} forgot what was new, ${newerMissing} neither booked nor given back with a reason, ${notBooked} not booked that can be; ${counts.broken} of broken tills: ${counts.brokenLost} not answered so, ${quarantined} kept; ${counts.old} of old tills between them: ${counts.oldHeldUp + missing} held up (${delivered} delivered, ${skipped} skipped, ${parked} parked)`,
    broken: {
      'what is new was refused': counts.newerRefused > 0,
      'what is new was forgotten': forgotten > 0,
      'what is new did not reach the target': newerMissing + notBooked > 0,
      'what is broken was not kept': counts.brokenLost > 0 || quarantined !== counts.broken,
      'others were held up': counts.oldHeldUp + missing > 0,
      'delivery did not come to its end': !settled,
    },
  })
}

async function countForgotten(pool: Pool, words: ReadonlyMap<string, string>): Promise<number> {
  const { rows } = await pool.query<{ id: string; data: string }>(
    'select event_id as id, data::text from journal_events',
  )
  const events = new Map(rows.map(({ id, data }) => [id, data]))
  return [...words].filter(([id, word]) => !events.get(id)?.includes(word)).length
}

/** Receipts that the target was not asked to book, or refused, with a reason that a person can read. */
async function readGivenBack(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ subject: string }>(
    `select subject from journal_events j join delivery_results r using (event_id) where r.result = 'skipped' and r.reason <> ''`,
  )
  const parked = (await readParked(pool)).filter(({ state, reason = '' }) => state === 'parked' && reason !== '')
  return [...rows.map(({ subject }) => subject), ...parked.map(({ receipt }) => receipt)]
}

async function countQuarantined(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    "select count(*)::int as n from quarantine where workstation_id like 'broken-%'",
  )
  return rows[0]?.n ?? 0
}

export const schemaDrift: Invariant = {
  id: 'I19',
  promise: 'Tills that say more, or something else, than the hub knows lose nothing and hold up nobody',
  controlBreaks: ['what is new was refused', 'what is new was forgotten', 'what is new did not reach the target'],
  run: (bench) => attack(bench, bench.choose({ quick: 20, nightly: 200 })),
  control: (bench) =>
    attackInParts(bench, {
      strict: (part) => attack(part, 3, 'strict-schema'),
      forgetful: (part) => attack(part, 3, 'forget-unknown'),
    }),
}
