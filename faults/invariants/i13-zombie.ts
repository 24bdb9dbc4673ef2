import type { Bench } from '../bench/bench.ts'
import { findDoubled, findInversions, findMissing, placeOf } from '../bench/checker.ts'
import { type BenchDatabase, openDatabase } from '../bench/database.ts'
import { eventsIn, isSettled, shardsOf, startDeliveryProcesses } from '../bench/deliver.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { salesOfTills } from '../bench/receipts.ts'
import { recordAll } from '../bench/record.ts'
import { comesTrue, mustCome, sleep } from '../bench/wait.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const leaseMs = 2_000
/** No three of them share a shard: the control would write two batches at one cursor, which the database refuses without any fence. */
const tills = 27

/** The database itself remembers every cursor that goes back. */
const watchCursors = `
  create table cursor_moves (shard smallint, went_back boolean);
  create function note_cursor() returns trigger language plpgsql as $$
  begin
    insert into cursor_moves values (new.shard, (new.cursor_xid, new.cursor_position) < (old.cursor_xid, old.cursor_position));
    return new;
  end $$;
  create trigger note_cursor after update on delivery_shards for each row
    when ((new.cursor_xid, new.cursor_position) is distinct from (old.cursor_xid, old.cursor_position))
    execute function note_cursor()`

/**
 * A process is stopped while its requests are on the line, sleeps through its leases while the other one delivers more, and
 * wakes up with answers in its hands that it believes in.
 */
async function attack(bench: Bench, rounds: number, mutant?: MutantName): Promise<Figure> {
  const database = await openDatabase(bench)
  await database.pool.query(watchCursors)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const targets = [erpTarget(erp, { idempotent: true, policy: { concurrencyMax: tills } })]
  const settings = { deliveryLeaseMs: leaseMs, deliveryAttemptTimeoutMs: 900 }
  const workers = await startDeliveryProcesses(bench, { database, targets, processes: 2, mutant, settings })
  let zombies = 0
  let busy = 0
  let number = 0
  const sell = () => recordAll(database.pool, salesOfTills(tills, 1, ++number))
  const arrived = async () => (await erp.countEffects()) === number * tills
  for (let round = 0; round < rounds; round += 1) {
    const sleeper = workers[round % workers.length]
    if (!sleeper) break
    await mustCome('sharing of the leases', () => ownersCount(database, 4), 30_000)
    await erp.setFaults({ latencyMs: 350 })
    const shards = await shardsOf(database, sleeper)
    const answers = await sell()
    const own = new Set((await eventsIn(database, shards, answers)).map(({ id }) => id))
    const onTheLine = async () => (await erp.requests()).some(({ key }) => key !== undefined && own.has(key))
    await mustCome('requests of the sleeper on the line', onTheLine, 5_000, 5)
    await sleep(bench.dice.between(20, 120))
    sleeper.freeze()
    zombies += 1
    if ((await erp.effects()).length < number * tills) busy += 1
    await sleep(400)
    await erp.setFaults({})
    await mustCome('the other process', () => ownersCount(database, 2), 30_000)
    await sell()
    await mustCome('delivery by the other process', arrived, 30_000)
    sleeper.thaw()
    await sleep(bench.dice.between(100, 400))
  }
  await sell()
  const settled = (await comesTrue(arrived, 20_000)) && (await comesTrue(() => isSettled(database, 1), 20_000))
  const effects = (await erp.effects()).map((effect) => effect.reference)
  const doubled = findDoubled(effects).length
  const inversions = findInversions(effects.map(placeOf)).length
  const wanted = salesOfTills(tills, number).map((one) => `till:9/${one.workstationId}/-/${one.sequenceNumber}`)
  const missing = findMissing(wanted, effects).length
  const { rows } = await database.pool.query<{ n: number }>(
    'select count(*)::int as n from cursor_moves where went_back',
  )
  const wentBack = rows[0]?.n ?? 0
  return makeFigure({
    runs: zombies,
    text: `${zombies} processes asleep beyond their leases: ${wentBack} late commits taken, ${doubled} effects doubled, ${inversions} out of order, ${missing} missing`,
    broken: {
      'a late commit moved a cursor back': wentBack > 0,
      'effects are doubled': doubled > 0,
      'events came out of order': inversions > 0,
      'events are missing': missing > 0,
      'delivery did not come to its end': !settled,
    },
    blind: { 'nobody fell asleep with requests on the line': busy === 0 },
  })
}

async function ownersCount({ pool }: BenchDatabase, wanted: number): Promise<boolean> {
  const { rows } = await pool.query<{ owners: number; free: number }>(
    `select count(distinct owner)::int as owners, (count(*) filter (where owner is null or lease_until < clock_timestamp()))::int as free
     from delivery_shards`,
  )
  return rows[0]?.owners === wanted && rows[0].free === 0
}

export const zombie: Invariant = {
  id: 'I13',
  promise:
    'A worker that slept through its lease moves no cursor back when it wakes, and disturbs neither order nor effects',
  alone: true,
  controlBreaks: ['a late commit moved a cursor back'],
  run: (bench) => attack(bench, bench.choose({ quick: 4, nightly: 100 })),
  control: (bench) => attack(bench, 2, 'lease-without-fence'),
}
