import { startFaultProxy } from '../../src/testing/fault-proxy/fault-proxy.ts'
import { loseAnswer } from '../../src/testing/fault-proxy/modes/lose-answer.ts'
import type { Bench } from '../bench/bench.ts'
import { findDoubled, findMissing } from '../bench/checker.ts'
import { openDatabase } from '../bench/database.ts'
import { deliverAll } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { recordAll } from '../bench/record.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const tills = 50

/** A fifth of all answers is lost on the way, and workers die between sending and marking. */
async function attack(bench: Bench, perTill: number, mutant?: MutantName): Promise<Figure> {
  const database = await openDatabase(bench)
  const receipts = salesOfTills(tills, perTill)
  await recordAll(database.pool, receipts)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  let lost = 0
  const onLost = () => {
    lost += 1
  }
  const fault = loseAnswer({ share: 0.2, onLost })
  const proxy = await startFaultProxy({ to: { host: '127.0.0.1', port: erp.port }, seed: bench.seed, fault })
  bench.defer(() => proxy.stop())
  const { settled, kills } = await deliverAll(bench, {
    database,
    targets: [erpTarget(erp, { idempotent: true, port: proxy.port })],
    processes: 2,
    mutant,
    kills: { count: 4, fromMs: 400, toMs: 1_200 },
    standstillMaxMs: 60_000,
  })
  const references = (await erp.effects()).map((effect) => effect.reference)
  const wanted = receipts.map((receipt) => `till:9/${receipt.workstationId}/-/${receipt.sequenceNumber}`)
  const requests = (await erp.requests()).length
  const doubled = findDoubled(references).length
  const missing = findMissing(wanted, references).length
  const repeats = requests - new Set(references).size
  return makeFigure({
    runs: receipts.length,
    text: `${receipts.length} events, ${lost} answers lost, ${repeats} requests repeated, ${kills} kills: ${doubled} effects doubled, ${missing} missing`,
    broken: {
      'effects are doubled': doubled > 0,
      'effects are missing': missing > 0,
      'delivery did not come to its end': !settled,
    },
    blind: { 'no answer was lost': lost === 0 },
  })
}

export const oneEffect: Invariant = {
  id: 'I3',
  promise: 'An idempotent target has one effect of each event, whatever answers are lost',
  controlBreaks: ['effects are doubled'],
  run: (bench) => attack(bench, bench.choose({ quick: 50, nightly: 2_000 })),
  control: (bench) => attack(bench, 10, 'new-key-per-attempt'),
}
