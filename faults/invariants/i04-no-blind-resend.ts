import { readParked } from '../../src/delivery/parked.ts'
import { startFaultProxy } from '../../src/testing/fault-proxy/fault-proxy.ts'
import { loseAnswer } from '../../src/testing/fault-proxy/modes/lose-answer.ts'
import type { Bench } from '../bench/bench.ts'
import { findDoubled, findMissing } from '../bench/checker.ts'
import { openDatabase } from '../bench/database.ts'
import { deliverAll } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { makePart } from '../bench/parts.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { recordAll } from '../bench/record.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const tills = 50

/** What one target without idempotency came to. */
interface Course {
  events: number
  answersLost: number
  lookUps: number
  needsCheck: number
  /** Receipts that it booked twice. */
  doubled: number
  /** Receipts that it never booked and that nobody is asked to check. */
  forgotten: number
  settled: boolean
}

/** Answers are lost at a target that books whatever comes. */
async function deliverToTarget(whole: Bench, name: string, perTill: number, mutant?: MutantName): Promise<Course> {
  const bench = await makePart(whole, name)
  const database = await openDatabase(bench)
  const receipts = salesOfTills(tills, perTill)
  await recordAll(database.pool, receipts)
  const erp = await startErp(bench, { name, idempotent: false })
  let lost = 0
  const onLost = () => {
    lost += 1
  }
  const fault = loseAnswer({ share: 0.1, onLost })
  const proxy = await startFaultProxy({ to: { host: '127.0.0.1', port: erp.port }, seed: bench.seed, fault })
  bench.defer(() => proxy.stop())
  const { settled } = await deliverAll(bench, {
    database,
    targets: [erpTarget(erp, { idempotent: false, port: proxy.port })],
    processes: 2,
    mutant,
    kills: { count: 3, fromMs: 500, toMs: 1_000 },
    standstillMaxMs: 30_000,
  })
  const references = (await erp.effects()).map((effect) => effect.reference)
  const wanted = receipts.map((receipt) => `till:9/${receipt.workstationId}/-/${receipt.sequenceNumber}`)
  const parked = await readParked(database.pool, { limit: 2 * receipts.length })
  const toCheck = parked.filter(({ state }) => state === 'needs-check').map(({ receipt }) => receipt)
  return {
    events: receipts.length,
    answersLost: lost,
    lookUps: (await erp.requests()).filter(({ method }) => method === 'GET').length,
    needsCheck: toCheck.length,
    doubled: findDoubled(references).length,
    forgotten: findMissing(wanted, [...references, ...toCheck]).length,
    settled,
  }
}

async function attack(bench: Bench, perTill: number, mutant?: MutantName): Promise<Figure> {
  const [asked, mute] = await Promise.all([
    deliverToTarget(bench, 'erp-that-can-be-asked', perTill, mutant),
    // The same where nothing can be asked: what is unknown is for a person.
    deliverToTarget(bench, 'erp-that-cannot', perTill, mutant ?? 'no-look-up'),
  ])
  const doubled = asked.doubled + mute.doubled
  return makeFigure({
    runs: asked.events + mute.events,
    text: `${asked.answersLost + mute.answersLost} answers lost: ${asked.lookUps} look-ups instead of resends, ${mute.needsCheck} for a person to check: ${doubled} booked twice`,
    broken: {
      'receipts were sent again blindly': doubled > 0,
      'nobody was asked about a lost answer': asked.lookUps === 0 || mute.needsCheck === 0,
      'receipts were forgotten': asked.forgotten + mute.forgotten > 0,
      'delivery did not come to its end': !(asked.settled && mute.settled),
    },
    blind: { 'no answer was lost': asked.answersLost === 0 || mute.answersLost === 0 },
  })
}

export const noBlindResend: Invariant = {
  id: 'I4',
  promise: 'A target without idempotency is asked, or a person is; nothing is sent again blindly',
  controlBreaks: ['receipts were sent again blindly'],
  run: (bench) => attack(bench, bench.choose({ quick: 6, nightly: 100 })),
  control: (bench) => attack(bench, 5, 'blind-resend'),
}
