import type { Connection, Outcome } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { eventTypes, type JournalEvent } from '../../journal/event.ts'
import { Process, World } from '../../testing/simulation/world.ts'
import { decide } from '../decide.ts'
import { probeRestMaxMs } from '../guards/target-guard.ts'
import { defaultPolicy } from '../policy.ts'
import { TargetWorker } from '../worker.ts'
import type { GuardMutant } from './memory-guards.ts'
import { createMemoryStore, MemoryTables } from './memory-store.ts'

const concurrencyMax = 3
const pollMs = 1_000
const minuteMs = 60_000
/** Everything that happens to the target, by the clock of the world. */
const plan = { throttledAt: 10_000, restAskedMs: minuteMs, deadAt: 2 * minuteMs, aliveAt: 22 * minuteMs }
/** A cycle that began before the others were told may still begin attempts. */
const graceMs = 3_000

/**
 * Four workers that come one by one, and a target that first asks for rest, then is dead for twenty minutes, then is there again.
 * Returns what was broken: requests during the rest, more probes than one in thirty seconds, too many requests at a time, an
 * event that is not delivered in the end.
 */
export async function runOutage(seed: number, mutant?: GuardMutant): Promise<string[]> {
  const world = new World(seed)
  const tables = new MemoryTables(8)
  const network = new Process('network')
  const beganAt: number[] = []
  const broken = new Set<string>()
  const arrived: string[] = []
  let inFlight = 0
  let throttledAt: number | undefined
  const connection: Connection = {
    features: { idempotent: true, lookUp: false },
    postTransaction: async (event): Promise<Outcome> => {
      beganAt.push(world.now)
      inFlight += 1
      if (inFlight > concurrencyMax) broken.add(`${inFlight} requests at a time`)
      await world.clockOf(network).sleep(world.random.next() * 600)
      inFlight -= 1
      if (throttledAt === undefined && world.now >= plan.throttledAt) {
        throttledAt = world.now
        return { kind: 'retry', reason: 'HTTP 429', throttled: true, afterMs: plan.restAskedMs }
      }
      if (world.now >= plan.deadAt && world.now < plan.aliveAt) return { kind: 'retry', reason: 'HTTP 503' }
      arrived.push(event.eventId)
      return { kind: 'delivered', documents: [] }
    },
  }
  const start = (number: number) => {
    const owner = new Process(`worker-${number}`)
    const policy = { ...defaultPolicy, attemptTimeoutMs: 1_000, cycleMaxMs: 300, concurrencyMax, attemptsMax: 3 }
    const fetch = () => Promise.reject(new Error('no network'))
    const tools = {
      workerId: owner.name,
      store: createMemoryStore(tables, world, owner, mutant),
      clock: world.clockOf(owner),
      random: world.random,
      logger: silentLogger,
      decide,
    }
    const target = { targetId: 1, name: 'simulated', connectorName: 'simulated', connection, policy, fetch }
    void new TargetWorker(target, tools, { leaseMs: 3_000, pollMs }).run()
  }
  const tills = new Process('tills')
  const events: JournalEvent[] = []
  void (async () => {
    for (let number = 0; world.now < plan.aliveAt; number += 1) {
      const event = sale(number)
      events.push(event)
      tables.journal.push(event)
      if (number % 5 === 0 && number >= 60 && number < 80) start(number / 5)
      // A backlog, then busy while the target answers, then once a minute.
      if (number >= 60) await world.clockOf(tills).sleep(world.now < plan.deadAt + 5_000 ? 500 : minuteMs)
    }
  })()
  const over = () => world.now > plan.aliveAt + minuteMs && events.every(({ eventId }) => tables.results.has(eventId))
  if (!(await world.run(over, 200_000))) broken.add('not everything was delivered')
  const between = (from: number, to: number) => beganAt.filter((at) => at > from && at < to).length
  if (throttledAt === undefined) broken.add('the target was never asked too often')
  else if (between(throttledAt + graceMs, throttledAt + plan.restAskedMs) > 0) broken.add('requests during the rest')
  if (probesTooOften(beganAt.filter((at) => at > plan.deadAt + 2 * minuteMs && at < plan.aliveAt)))
    broken.add('probes more often than once in thirty seconds')
  if (between(plan.deadAt + 2 * minuteMs, plan.aliveAt) < 20) broken.add('the target was hardly probed')
  for (const key of new Set(events.map(({ orderingKey }) => orderingKey))) {
    const lane = events
      .filter((event) => event.orderingKey === key)
      .map(({ eventId }) => arrived.indexOf(eventId))
      .filter((place) => place >= 0)
    if (lane.some((place, index) => index > 0 && place < (lane[index - 1] ?? 0)))
      broken.add(`lane ${key} is out of order`)
  }
  return [...broken]
}

function probesTooOften(times: readonly number[]): boolean {
  return times.some((at, index) => index > 0 && at - (times[index - 1] ?? 0) < probeRestMaxMs)
}

function sale(number: number): JournalEvent {
  const transaction: Transaction = {
    schemaVersion: 1,
    transactionType: 'SALE',
    status: 'COMPLETED',
    businessUnitId: '1',
    sequenceNumber: number,
    businessDayDate: '2026-01-01',
    currency: 'EUR',
    lines: [],
  }
  return {
    eventId: `e${number}`,
    xid: '1',
    position: String(number + 1),
    shard: number % 8,
    eventType: eventTypes.recorded,
    subject: `till:1/${number % 24}/-/${number}`,
    orderingKey: `1/${number % 24}`,
    dependsOn: [],
    data: { transaction, findings: [] },
    traceparent: undefined,
    recordedAt: new Date(0),
  }
}
