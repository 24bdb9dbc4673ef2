import { retryParked } from '../../src/delivery/parked.ts'
import { isPoisoned, noFaults } from '../../src/simulator/back-office/faults.ts'
import type { Bench } from '../bench/bench.ts'
import { findMissing } from '../bench/checker.ts'
import { openDatabase } from '../bench/database.ts'
import { isSettled, startDeliveryProcesses } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { recordAll } from '../bench/record.ts'
import { comesTrue } from '../bench/wait.ts'
import type { Invariant } from './invariant.ts'

const lanes = 100
const poison = { ...noFaults, poisonRate: 0.01 }

/** One event in a hundred is refused for ever; with `policy`, as a target that stops its lane for that. */
async function attack(bench: Bench, perLane: number, policy: object, withinMs: number): Promise<Figure> {
  const database = await openDatabase(bench)
  const receipts = salesOfTills(lanes, perLane)
  await recordAll(database.pool, receipts)
  const all = receipts.map((receipt) => `till:9/${receipt.workstationId}/-/${receipt.sequenceNumber}`)
  const healthy = all.filter((reference) => !isPoisoned(poison, reference))
  const poisoned = all.length - healthy.length
  const erp = await startErp(bench, { name: 'erp', idempotent: true, faults: { poisonRate: poison.poisonRate } })
  const targets = [erpTarget(erp, { idempotent: true, policy })]
  await startDeliveryProcesses(bench, { database, targets, processes: 2 })
  const settled = await comesTrue(() => isSettled(database, 1), withinMs, 100)
  const missing = findMissing(
    healthy,
    (await erp.effects()).map((effect) => effect.reference),
  ).length
  const parked = await countParked(database.pool)

  // The target is mended, and an operator lets the parked ones go.
  await erp.setFaults({ poisonRate: 0 })
  const released = await retryParked(database.pool, { includeNeedsCheck: false })
  const isWhole = async () =>
    findMissing(
      all,
      (await erp.effects()).map((effect) => effect.reference),
    ).length === 0
  const replayed = await comesTrue(isWhole, Math.min(withinMs, 30_000), 200)
  return makeFigure({
    runs: all.length,
    text: `${poisoned} of ${all.length} events poisoned in ${lanes} lanes: ${healthy.length - missing} of ${healthy.length} others delivered, ${parked.withReason} parked with a reason, ${released} released`,
    broken: {
      'healthy events were held up': missing > 0,
      'delivery did not come to its end': !settled,
      'poison was not parked with its reason': parked.withReason !== poisoned || parked.all !== poisoned,
      'what was parked could not be released': !replayed,
    },
    blind: { 'nothing was poisoned': poisoned === 0 },
  })
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
  promise: 'An event that a target refuses for ever stops nobody but itself',
  controlBreaks: ['healthy events were held up'],
  run: (bench) => attack(bench, bench.choose({ quick: 50, nightly: 500 }), {}, 240_000),
  // A lane that stops for its poison, as in a queue that is first in, first out.
  control: (bench) => attack(bench, 20, { strictOrder: true }, 5_000),
}
