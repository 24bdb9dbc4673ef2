import { retryParked } from '../../src/delivery/parked.ts'
import { isPoisoned, noFaults } from '../../src/simulator/back-office/faults.ts'
import type { Bench } from '../bench/bench.ts'
import { findMissing, quantile } from '../bench/checker.ts'
import { openDatabase } from '../bench/database.ts'
import { isSettled, startDeliveryProcesses } from '../bench/deliver.ts'
import { type Erp, erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { recordAll } from '../bench/record.ts'
import { comesTrue } from '../bench/wait.ts'
import type { Invariant } from './invariant.ts'

const lanes = 100
/** Long enough for the slowest lane; whoever stands still for some seconds has come to whatever end there is. */
const withinMs = 240_000
const stillMs = 10_000
/** By so much later may healthy events arrive than at a target that refuses nothing. */
const slowerMax = 1.5
const poison = { ...noFaults, poisonRate: 0.01 }

/**
 * One event in a hundred is refused for ever; with `policy`, by a target that stops its lane for that. The same processes deliver the same
 * events to another target that refuses nothing: whatever else the machine does meanwhile, both feel it.
 */
async function attack(bench: Bench, perLane: number, policy: object): Promise<Figure> {
  const database = await openDatabase(bench)
  const receipts = salesOfTills(lanes, perLane)
  await recordAll(database.pool, receipts)
  const all = receipts.map((receipt) => `till:9/${receipt.workstationId}/-/${receipt.sequenceNumber}`)
  const healthy = all.filter((reference) => !isPoisoned(poison, reference))
  const poisoned = all.length - healthy.length
  const erp = await startErp(bench, { name: 'erp', idempotent: true, faults: { poisonRate: poison.poisonRate } })
  const twin = await startErp(bench, { name: 'twin', idempotent: true })
  const targets = [erpTarget(erp, { idempotent: true, policy }), erpTarget(twin, { idempotent: true })]
  await startDeliveryProcesses(bench, { database, targets, processes: 2 })
  const stoodStill = watchStandstill([erp, twin])
  await comesTrue(async () => (await isSettled(database, 2)) || (await stoodStill()), withinMs, 100)
  const settled = await isSettled(database, 2)
  const missing = findMissing(
    healthy,
    (await erp.effects()).map((effect) => effect.reference),
  ).length
  const slower = (await p95Of(erp, healthy)) / (await p95Of(twin, healthy))
  const parked = await countParked(database.pool)

  // The target is mended, and an operator lets the parked ones go.
  await erp.setFaults({ poisonRate: 0 })
  const released = await retryParked(database.pool, { includeNeedsCheck: false })
  const isWhole = async () =>
    findMissing(
      all,
      (await erp.effects()).map((effect) => effect.reference),
    ).length === 0
  const replayed = await comesTrue(isWhole, 30_000, 200)
  return makeFigure({
    runs: all.length,
    text: `${poisoned} of ${all.length} events poisoned in ${lanes} lanes: ${healthy.length - missing} of ${healthy.length} others delivered, 95 % of them in ${slower.toFixed(2)} of the time that a target without poison took; ${parked.withReason} parked with a reason, ${released} released`,
    broken: {
      'healthy events were held up': missing > 0,
      'healthy events came later than without poison': slower > slowerMax,
      'delivery did not come to its end': !settled,
      'poison was not parked with its reason': parked.withReason !== poisoned || parked.all !== poisoned,
      'what was parked could not be released': !replayed,
    },
    blind: { 'nothing was poisoned': poisoned === 0 },
  })
}

/** When 95 % of these events had arrived, in milliseconds after the first; infinite when they never did. */
async function p95Of(erp: Erp, references: readonly string[]): Promise<number> {
  const times = new Map((await erp.effects()).map(({ reference, bookedAt }) => [reference, Date.parse(bookedAt)]))
  const first = Math.min(...times.values())
  return quantile(
    references.map((reference) => (times.get(reference) ?? Number.POSITIVE_INFINITY) - first),
    0.95,
  )
}

/** Whether the targets have booked something, and none of them more for some seconds. */
function watchStandstill(erps: readonly Erp[]): () => Promise<boolean> {
  let count = 0
  let changedAt = performance.now()
  return async () => {
    const counts = await Promise.all(erps.map((erp) => erp.countEffects()))
    const now = counts.reduce((sum, one) => sum + one, 0)
    if (now !== count) changedAt = performance.now()
    count = now
    return count > 0 && performance.now() - changedAt > stillMs
  }
}

async function countParked(pool: import('pg').Pool): Promise<{ all: number; withReason: number }> {
  const { rows } = await pool.query<{ all: number; with_reason: number }>(
    `select count(*)::int as all, (count(*) filter (where reason_code = 'rejected' and reason <> ''))::int as with_reason
     from delivery_entries where state = 'parked'`,
  )
  return { all: rows[0]?.all ?? 0, withReason: rows[0]?.with_reason ?? 0 }
}

export const poisonIsolates: Invariant = {
  id: 'I9',
  promise: 'An event that a target refuses for ever stops nobody but itself, and makes nobody late',
  controlBreaks: ['healthy events were held up', 'healthy events came later than without poison'],
  run: (bench) => attack(bench, bench.choose({ quick: 40, nightly: 500 }), {}),
  // A lane that stops for its poison, as in a queue that is first in, first out.
  control: (bench) => attack(bench, 20, { strictOrder: true }),
}
