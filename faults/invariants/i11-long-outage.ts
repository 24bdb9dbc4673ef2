import type { Connection, Outcome } from '../../src/contract/connector.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { decide } from '../../src/delivery/decide.ts'
import { defaultPolicy } from '../../src/delivery/policy.ts'
import { createMemoryStore, MemoryTables } from '../../src/delivery/simulation/memory-store.ts'
import { TargetWorker } from '../../src/delivery/worker.ts'
import { eventTypes, type JournalEvent } from '../../src/journal/event.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { Process, World } from '../../src/testing/simulation/world.ts'
import type { Bench } from '../bench/bench.ts'
import { findDoubled, findInversions, findMissing, placeOf } from '../bench/checker.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import type { Invariant } from './invariant.ts'

const hourMs = 3_600_000
const workers = 2
const lanes = 20
/**
 * All workers together look once in half a minute at the most; before that each lane may have had a request on the line, and the
 * first looks come at shorter rests.
 */
const probesMax = (outageMs: number) => outageMs / 30_000 + lanes + 10

/** How a target is away. */
type Mode = 'refuses' | 'hangs' | '503 with Retry-After'

/** The wrong idea of an outage: that each refusal says something about the event. */
type Judge = (outcome: Outcome) => Outcome

interface Course {
  requestsMeanwhile: number
  parked: number
  missing: number
  doubled: number
  inversions: number
}

/** Hours of an outage in virtual time, with the hub's own workers, while tills go on selling. */
async function liveThrough(seed: number, mode: Mode, outageMs: number, judge: Judge): Promise<Course> {
  const world = new World(seed)
  const tables = new MemoryTables(8)
  const effects: string[] = []
  let isAway = true
  let requestsMeanwhile = 0
  const answer = async (subject: string, signal: AbortSignal, owner: Process): Promise<Outcome> => {
    const clock = world.clockOf(owner)
    await clock.sleep(20)
    if (!isAway) {
      effects.push(subject)
      return { kind: 'delivered', documents: [{ documentId: subject, kind: 'sale' }] }
    }
    requestsMeanwhile += 1
    if (mode === 'refuses') return { kind: 'retry', reason: 'ECONNREFUSED' }
    if (mode === '503 with Retry-After') return { kind: 'retry', reason: 'HTTP 503', afterMs: 120_000 }
    await clock.sleep(10 * hourMs, signal)
    return { kind: 'retry', reason: 'no connection in time' }
  }
  const running = Array.from({ length: workers }, (_, index) => {
    const owner = new Process(`worker-${index}`)
    const connection: Connection = {
      features: { idempotent: true, lookUp: false },
      postTransaction: async (event, { signal }) => judge(await answer(event.subject, signal, owner)),
    }
    const target = {
      targetId: 1,
      name: 'erp',
      connectorName: 'simulated',
      connection,
      policy: defaultPolicy,
      fetch: noFetch,
    }
    const store = createMemoryStore(tables, world, owner)
    const tools = {
      workerId: owner.name,
      store,
      clock: world.clockOf(owner),
      random: world.random,
      logger: silentLogger,
      decide,
    }
    const worker = new TargetWorker(target, tools, { leaseMs: 60_000, pollMs: 5_000 })
    void worker.run()
    return worker
  })
  const tills = new Process('tills')
  const hours = Math.ceil(outageMs / hourMs)
  void (async () => {
    for (let round = 1; round <= hours * 2; round += 1) {
      for (let lane = 0; lane < lanes; lane += 1) tables.journal.push(eventOf(lane, round, tables.journal.length + 1))
      await world.clockOf(tills).sleep(hourMs / 2)
    }
    isAway = false
  })()
  const wanted = () => tables.journal.map((event) => event.subject)
  const countParked = () => [...tables.entries.values()].filter((entry) => entry.state === 'parked').length
  await world.run(() => !isAway && effects.length + countParked() >= tables.journal.length, 3_000_000)
  for (const worker of running) worker.stop()
  return {
    requestsMeanwhile,
    parked: countParked(),
    missing: findMissing(wanted(), effects).length,
    doubled: findDoubled(effects).length,
    inversions: findInversions(effects.map(placeOf)).length,
  }
}

const noFetch = () => Promise.reject(new Error('no network'))

function eventOf(lane: number, number: number, position: number): JournalEvent {
  return {
    eventId: `e${position}`,
    xid: '1',
    position: String(position),
    shard: lane % 8,
    eventType: eventTypes.recorded,
    subject: `till:9/${lane}/-/${number}`,
    orderingKey: `9/${lane}`,
    dependsOn: [],
    data: { transaction: makeSale(number, { workstationId: String(lane) }), findings: [] },
    traceparent: undefined,
    recordedAt: new Date(0),
  }
}

async function attack(bench: Bench, hours: number, judge: Judge): Promise<Figure> {
  const outageMs = hours * hourMs
  const modes: readonly Mode[] = ['refuses', 'hangs', '503 with Retry-After']
  const courses: Course[] = []
  for (const mode of modes) courses.push(await liveThrough(bench.seed, mode, outageMs, judge))
  const sum = (count: (course: Course) => number) => courses.reduce((total, course) => total + count(course), 0)
  const requests = Math.max(...courses.map((course) => course.requestsMeanwhile))
  const parked = sum((course) => course.parked)
  const missing = sum((course) => course.missing)
  const inversions = sum((course) => course.inversions)
  return makeFigure({
    runs: modes.length,
    text: `${hours} hours (virtual) of a target that ${modes.join(', ')}: at most ${requests} requests meanwhile, ${parked} events given up, ${missing} missing afterwards, ${inversions} out of order`,
    broken: {
      'events were given up for their time': parked > 0,
      'events are missing after the outage': missing > 0,
      'events came out of order': inversions > 0,
      'effects are doubled': sum((course) => course.doubled) > 0,
      'a target that is down was hammered': requests > probesMax(outageMs),
    },
    blind: { 'no request met the outage': courses.some((course) => course.requestsMeanwhile === 0) },
  })
}

export const longOutage: Invariant = {
  id: 'I11',
  promise: 'A target may be away for hours: nothing is given up, it is not hammered, and all arrives in order',
  controlBreaks: ['events were given up for their time'],
  run: (bench) => attack(bench, bench.choose({ quick: 4, nightly: 72 }), (outcome) => outcome),
  // Every failure is taken for the event's own: no breaker opens, attempts run out.
  control: (bench) =>
    attack(bench, 4, (outcome) => (outcome.kind === 'retry' ? { kind: 'waits', for: 'something else' } : outcome)),
}
