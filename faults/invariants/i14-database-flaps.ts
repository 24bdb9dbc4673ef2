import { type Fault, noFault } from '../../src/testing/fault-proxy/fault.ts'
import { type FaultProxy, startFaultProxy } from '../../src/testing/fault-proxy/fault-proxy.ts'
import { halfOpen } from '../../src/testing/fault-proxy/modes/half-open.ts'
import { latency } from '../../src/testing/fault-proxy/modes/latency.ts'
import { refuse, reset } from '../../src/testing/fault-proxy/modes/reset.ts'
import { sometimes } from '../../src/testing/fault-proxy/modes/sometimes.ts'
import { whereSaid } from '../../src/testing/fault-proxy/modes/where-said.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import type { Bench } from '../bench/bench.ts'
import { findDoubled, findMissing } from '../bench/checker.ts'
import { createClient } from '../bench/client.ts'
import { type BenchDatabase, openDatabase, throughPort } from '../bench/database.ts'
import { erpTarget, startErp } from '../bench/erp.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import { attackInParts, attackSideBySide } from '../bench/parts.ts'
import { startTills } from '../bench/tills.ts'
import { comesTrue, sleep } from '../bench/wait.ts'
import { openWitness } from '../bench/witness.ts'
import type { MutantName } from '../controls/mutants.ts'
import { attackBrokers } from './i14-broker-flaps.ts'
import type { Invariant } from './invariant.ts'

/** After the last fault everything must have arrived by then: the time of the longest statement, and as long again for a busy machine. */
const quietAfterStormMs = 70_000
const quietAfterCalmMs = 10_000
/** A wake-up that does not come is made good by a look so often; a bench that waits longer sees a lost one. */
const freshWithinMs = 5_000

/** What the line to the database does, one after the other, with rests between. */
const faults: readonly Fault[] = [
  reset({ fromMs: 0, toMs: 200 }),
  refuse,
  sometimes(0.5, latency({ fromMs: 50, toMs: 200 })),
  // Last, since nothing but the hub's own patience ends it.
  halfOpen({ fromMs: 0, toMs: 300 }),
]

/** The connection on which delivery hears of new events falls silent soon after it is made, each time. */
const deaf = whereSaid('tillflow-listen', halfOpen({ fromMs: 300, toMs: 600 }))

interface Attack {
  rounds: number
  pollMs: number
  mutant?: MutantName
}

/** API and delivery each have a line of their own to PostgreSQL, and neither line can be trusted. */
async function attack(bench: Bench, { rounds, pollMs, mutant }: Attack): Promise<Figure> {
  const database = await openDatabase(bench)
  const [apiLine, deliveryLine] = await Promise.all([startLine(bench, database), startLine(bench, database)])
  deliveryLine.use(deaf)
  const erp = await startErp(bench, { name: 'erp', idempotent: true })
  const targets = [erpTarget(erp, { idempotent: true })]
  const start = (role: 'api' | 'delivery', line: FaultProxy) =>
    startHub(bench, {
      name: role,
      databaseUrl: throughPort(database.url, line.port),
      roles: [role],
      targets,
      mutant,
      settings: { deliveryPollMs: pollMs },
    })
  const api = await start('api', apiLine)
  await start('delivery', deliveryLine)
  const token = await createBenchToken(database.pool)
  const client = createClient(bench, { address: api.ready.address ?? '', token, answerWithinMs: 3_000 })
  const witness = await openWitness(bench)
  const storm = { lines: [apiLine, deliveryLine], rounds }
  const tills = startTills({ client, witness, tills: 6, batchSize: 5, pauseMs: 20 })
  await rage(bench, storm)
  deliveryLine.use(deaf)
  const quietWithinMs = rounds > 0 ? quietAfterStormMs : quietAfterCalmMs
  const quietFrom = performance.now()
  const closed = await Promise.race([tills.close().then(() => true), sleep(quietWithinMs).then(() => false)])
  const told = await witness.all()
  const keys = told.map((one) => one.transactionKey)
  const booked = async () => (await erp.effects()).map((effect) => effect.reference)
  const hasArrived = async () => findMissing(keys, await booked()).length === 0
  // Of a till that nobody answers more cannot be learnt.
  const arrived = await comesTrue(hasArrived, closed ? quietWithinMs : 0, 200)
  const quietMs = performance.now() - quietFrom
  // By now nobody hears of a new event: who does not look by himself does not see it.
  await sleep(1_000)
  const count = (await booked()).length
  await client.post(makeSale(1, { workstationId: 'late' }))
  const fresh = await comesTrue(async () => (await booked()).length > count, freshWithinMs, 50)
  const doubled = findDoubled(await booked()).length
  const open = await countLeftOpen(database)
  return makeFigure({
    runs: rounds + 1,
    text: `${rounds} faults on two lines to PostgreSQL, ${told.length} acknowledged, ${tills.retries()} uploads repeated: ${arrived ? 'all arrived' : 'not all had arrived'} ${(quietMs / 1_000).toFixed(1)} s after the last fault, ${doubled} doubled, ${open} sessions left open`,
    broken: {
      'tills were not answered any more': !closed,
      'acknowledged receipts did not arrive': !arrived,
      'delivery waits for a wake-up that does not come': !fresh,
      'effects are doubled': doubled > 0,
      'a session was left open': open > 0,
    },
    blind: { 'no till noticed a fault': rounds > 0 && tills.retries() === 0 },
  })
}

async function startLine(bench: Bench, { url }: BenchDatabase): Promise<FaultProxy> {
  const { hostname: host, port } = new URL(url)
  const proxy = await startFaultProxy({ to: { host, port: Number(port) }, seed: bench.dice.between(1, 1_000_000) })
  bench.defer(() => proxy.stop())
  return proxy
}

async function rage(bench: Bench, { lines, rounds }: { lines: readonly FaultProxy[]; rounds: number }): Promise<void> {
  await sleep(1_000)
  for (let round = 0; round < rounds; round += 1) {
    const fault = faults[round % faults.length] ?? noFault
    for (const line of lines) line.use(fault)
    await sleep(bench.dice.between(500, 2_000))
    for (const line of lines) line.use(noFault)
    await sleep(bench.dice.between(500, 1_500))
  }
}

/** Transactions that nobody ends: a client that was lost in the middle of one. */
async function countLeftOpen({ pool }: BenchDatabase): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'
       and state_change < clock_timestamp() - interval '35 seconds'`,
  )
  return rows[0]?.n ?? 0
}

export const databaseFlaps: Invariant = {
  id: 'I14',
  // A hub finds out by its patience alone that a line is half open.
  waitsLong: true,
  promise:
    'Whatever the line to PostgreSQL does, and however often a broker is away, work goes on by itself when they are back',
  controlBreaks: ['tills were not answered any more', 'delivery waits for a wake-up that does not come'],
  // What Kafka does not confirm its client sends again, but by then others have gone before.
  nightlyControlBreaks: ['events came to kafka out of order', 'events did not reach rabbitmq'],
  run: (bench) =>
    attackInParts(bench, {
      database: (part) => attack(part, { rounds: bench.choose({ quick: 4, nightly: 100 }), pollMs: 200 }),
      ...nightly(bench, { brokers: (part) => attackBrokers(part, { rounds: 6 }) }),
    }),
  control: (bench) =>
    attackSideBySide(bench, {
      patient: (part) => attack(part, { rounds: 4, pollMs: 200, mutant: 'endless-patience' }),
      // A hub that only listens: a lost wake-up is a lost event, until somebody else wakes it.
      listening: (part) => attack(part, { rounds: 0, pollMs: 60_000 }),
      ...nightly(bench, { brokers: (part) => attackBrokers(part, { rounds: 3, mutant: 'publish-unconfirmed' }) }),
    }),
}

/** Brokers take their time to start, and not every machine has them. */
function nightly<Parts extends object>({ profile }: Bench, parts: Parts): Parts | Record<string, never> {
  return profile === 'nightly' ? parts : {}
}
