import type { Connection, ConnectorContext, DeliveryEvent } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { eventTypes, type JournalEvent } from '../../journal/event.ts'
import { Process, World } from '../../testing/simulation/world.ts'
import { decide } from '../decide.ts'
import { createFedStore } from '../feed/fed-store.ts'
import { SharedConsumer } from '../feed/shared-consumer.ts'
import { defaultPolicy } from '../policy.ts'
import type { DeliveryStore } from '../store.ts'
import type { Target, WorkerTools } from '../target.ts'
import { TargetWorker } from '../worker.ts'
import { createMemoryStore, MemoryTables, type StoreMutant } from './memory-store.ts'
import { SimulatedBus } from './simulated-bus.ts'
import { connectInSteps } from './simulated-steps.ts'
import { SimulatedTarget } from './simulated-target.ts'

/** Faults planted in the code under test, each of which the simulation must find. */
export type Mutant = StoreMutant | 'trust-the-bus' | 'blind-resend' | 'blind-steps' | 'retry-does-not-hold'

const storeMutants: readonly StoreMutant[] = [
  'ignore-fence',
  'two-owners',
  'forget-queued',
  'forget-pause',
  'late-pause',
  'forget-drawn',
]

const concurrencyMax = 3
const rate = { perSecond: 2, burst: 2 }

const kinds = [
  { idempotent: true, lookUp: true },
  { idempotent: false, lookUp: true },
  { idempotent: false, lookUp: false },
  { idempotent: false, lookUp: true, resumes: true },
] as const

/** One random schedule: tills that append, workers that die, sleep and come back, a target that fails. Returns what was broken. */
export async function runSchedule(seed: number, mutant?: Mutant): Promise<string[]> {
  const world = new World(seed)
  world.stallProbability = 0.01
  const tables = new MemoryTables(4)
  const events = makeEvents(world)
  const poison = new Set(events.filter(() => world.chance(0.08)).map((event) => event.eventId))
  const features = kinds[Math.floor(world.random.next() * kinds.length)] ?? kinds[0]
  const faults = { refuse: 0.15, loseAnswer: 0.1, hang: 0.05 }
  const target = new SimulatedTarget(world, features, faults, poison)
  const tills = new Process('tills')
  void appendAll(world, tills, tables, events)
  const bus = world.chance(0.5) || mutant === 'trust-the-bus' ? new SimulatedBus(world, tables) : undefined
  // Half of the targets have a rate budget; a target of several requests per event pays for them afterwards.
  const isLimited = features !== kinds[3] && world.chance(0.5)
  const workers = startWorkers({ world, tables, target, bus, isLimited, mutant })

  const chaos = new Process('chaos')
  let calm = false
  void (async () => {
    for (let round = 0; round < 4; round += 1) {
      await world.clockOf(chaos).sleep(world.random.next() * 8_000)
      workers.disturb()
      if (world.chance(0.3)) void bus?.outage(world.random.next() * 20_000)
      void bus?.rebalance()
    }
    target.faults = { refuse: 0, loseAnswer: 0, hang: 0 }
    world.stallProbability = 0
    calm = true
    workers.heal()
  })()

  const operator = new Process('operator')
  void (async () => {
    await world.clockOf(operator).sleep(world.random.next() * 20_000)
    target.gone = world.chance(0.5)
    await world.clockOf(operator).sleep(world.random.next() * 10_000)
    target.gone = false
    // Once is enough: an answer that is still on its way does not pause it again.
    tables.paused = false
    tables.resumesCount += 1
  })()

  const ended = () => events.every((event) => isEnded(tables, event.eventId))
  const finished = await world.run(() => calm && ended(), 20_000)
  const broken = finished ? [] : [`not everything ended: ${describeOpen(tables, events)}`]
  // After a process has seen one such answer it begins no more attempts, and the others ask before every cycle.
  if (target.goneAnswers > concurrencyMax * workers.started())
    broken.push(`${target.goneAnswers} requests to a target that is gone`)
  if (isLimited && exceedsRate(workers.beganAt)) broken.push('more attempts than the rate budget allows')
  return [...broken, ...judge(tables, target, events)]
}

function makeEvents(world: World): JournalEvent[] {
  const count = 6 + Math.floor(world.random.next() * 14)
  return Array.from({ length: count }, (_, index): JournalEvent => {
    const key = Math.floor(world.random.next() * 5)
    const original = index > 0 && world.chance(0.2) ? Math.floor(world.random.next() * index) : undefined
    return {
      eventId: `e${index}`,
      xid: '1',
      position: String(index + 1),
      shard: key % 4,
      eventType: eventTypes.recorded,
      subject: `till:1/${key}/-/${index}`,
      orderingKey: `1/${key}`,
      dependsOn: original === undefined ? [] : [`e${original}`],
      data: { transaction: saleOf(index), findings: [] },
      traceparent: undefined,
      recordedAt: new Date(0),
    }
  })
}

function saleOf(sequenceNumber: number): Transaction {
  return {
    schemaVersion: 1,
    transactionType: 'SALE',
    status: 'COMPLETED',
    businessUnitId: '1',
    sequenceNumber,
    businessDayDate: '2026-01-01',
    currency: 'EUR',
    lines: [],
  }
}

async function appendAll(
  world: World,
  tills: Process,
  tables: MemoryTables,
  events: readonly JournalEvent[],
): Promise<void> {
  for (const event of events) {
    await world.clockOf(tills).sleep(world.random.next() * 2_000)
    tables.journal.push(event)
  }
}

interface Surroundings {
  world: World
  tables: MemoryTables
  target: SimulatedTarget
  /** Brings the events; undefined: they are read from the journal. */
  bus: SimulatedBus | undefined
  /** Has a rate budget. */
  isLimited: boolean
  mutant: Mutant | undefined
}

/** As the runtime does it: a consumer of the process, and a feed in front of the store. */
function createFeed(store: DeliveryStore, owner: Process, { world, tables, bus, mutant }: Surroundings) {
  if (!bus) return undefined
  const trusting = mutant === 'trust-the-bus'
  const consumer = new SharedConsumer({
    group: 'simulated',
    topic: 'transactions',
    batchMax: 10,
    prefetchMax: 100,
    read: (message) => {
      const fed = bus.read(message)
      return fed && trusting ? { ...fed, previous: { xid: '0', position: '0' } } : fed
    },
    subscribe: bus.subscribeAs(owner),
    clock: world.clockOf(owner),
    silentMs: 5_000,
    patienceMs: 500,
  })
  const feed = consumer.openFeed('simulated')
  const sweepMs = trusting ? Number.POSITIVE_INFINITY : 5_000
  const loadEvents = async (eventIds: readonly string[]) => {
    await world.step(owner)
    return tables.journal.filter((event) => eventIds.includes(event.eventId))
  }
  return { feed, store: createFedStore(store, feed, { clock: world.clockOf(owner), sweepMs, loadEvents }) }
}

function startWorkers(surroundings: Surroundings) {
  const { world, tables, target, isLimited, mutant } = surroundings
  const beganAt: number[] = []
  const attempts = new WeakSet<ConnectorContext>()
  const begin = (context: ConnectorContext) => {
    // A look-up and the request after it are one attempt.
    if (!attempts.has(context)) beganAt.push(world.now)
    attempts.add(context)
  }
  const processes: Process[] = []
  const network = new Process('network')
  const start = () => {
    const owner = new Process(`worker-${processes.length}`)
    processes.push(owner)
    const storeMutant = storeMutants.find((one) => one === mutant)
    const store = createMemoryStore(tables, world, owner, storeMutant)
    const fed = createFeed(store, owner, surroundings)
    const tools: WorkerTools = {
      workerId: owner.name,
      store: fed?.store ?? store,
      clock: world.clockOf(owner),
      random: world.random,
      logger: silentLogger,
      decide:
        mutant === 'blind-resend'
          ? (input) => decide({ ...input, features: { ...input.features, idempotent: true } })
          : decide,
    }
    const features = mutant === 'blind-resend' ? { ...target.features, idempotent: true } : target.features
    const ends = { owner, network }
    const connection = {
      ...(target.features.resumes
        ? connectInSteps(target, ends, mutant !== 'blind-steps')
        : target.connect(owner, network)),
      features,
    }
    const policy = {
      ...defaultPolicy,
      attemptTimeoutMs: 1_000,
      cycleMaxMs: 300,
      backoffMaxMs: 5_000,
      concurrencyMax,
      ...(isLimited && { rate }),
    }
    const simulated: Target = {
      targetId: 1,
      name: 'simulated',
      connectorName: 'simulated',
      connection: watched(connection, begin),
      policy,
      fetch: async () => ({ status: 200, headers: {}, body: '' }),
    }
    if (mutant === 'retry-does-not-hold') {
      tools.decide = (input) => {
        const transition = decide(input)
        // As if a failed event were put aside like a parked one.
        return transition.state === 'retry'
          ? { state: 'waiting', waitsFor: 'nobody', deadlineMs: transition.delayMs, reason: 'mutant' }
          : transition
      }
    }
    const worker = new TargetWorker(simulated, tools, { leaseMs: 3_000, pollMs: 1_000 })
    fed?.feed.feedWorker(worker)
    void worker.run()
  }
  start()
  start()
  return {
    beganAt,
    started: () => processes.length,
    /** Kills one, or puts it to sleep for longer than its lease. */
    disturb: () => {
      const living = processes.filter((one) => !one.dead)
      const victim = living[Math.floor(world.random.next() * living.length)]
      if (!victim) return
      if (world.chance(0.5)) {
        victim.dead = true
        start()
      } else {
        victim.asleepUntil = world.now + world.random.next() * 10_000
      }
    },
    heal: () => {
      void surroundings.bus?.rebalance()
      if (processes.every((one) => one.dead)) start()
    },
  }
}

/** Tells of every attempt that begins. */
function watched(connection: Connection, begin: (context: ConnectorContext) => void): Connection {
  const { postTransaction, findPosting } = connection
  return {
    features: connection.features,
    ...(postTransaction && {
      postTransaction: (event: DeliveryEvent, context: ConnectorContext) => {
        begin(context)
        return postTransaction(event, context)
      },
    }),
    ...(findPosting && {
      findPosting: (event: DeliveryEvent, context: ConnectorContext) => {
        begin(context)
        return findPosting(event, context)
      },
    }),
  }
}

/** Whether in any window, however long, more began than the burst and what comes in that time. */
function exceedsRate(times: readonly number[]): boolean {
  return times.some((from, first) =>
    times.some(
      (to, last) => to >= from && last - first + 1 > rate.burst + (rate.perSecond * (to - from)) / 1_000 + 0.01,
    ),
  )
}

function isEnded(tables: MemoryTables, eventId: string): boolean {
  const state = tables.entries.get(eventId)?.state
  return tables.results.has(eventId) || state === 'parked' || state === 'needs-check'
}

function describeOpen(tables: MemoryTables, events: readonly JournalEvent[]): string {
  const open = events.filter((event) => !isEnded(tables, event.eventId))
  return open.map((event) => `${event.eventId}=${tables.entries.get(event.eventId)?.state ?? 'not reached'}`).join(' ')
}

/** The promises, checked against what the target itself recorded. */
function judge(tables: MemoryTables, target: SimulatedTarget, events: readonly JournalEvent[]): string[] {
  const broken = new Set(target.effects).size < target.effects.length ? ['a step had two effects'] : []
  for (const event of events) {
    const effects = target.effects.filter((id) => id === event.eventId).length
    const result = tables.results.get(event.eventId)
    if (effects > 1) broken.push(`${event.eventId} had ${effects} effects`)
    if (result === 'delivered' && effects === 0) broken.push(`${event.eventId} is called delivered and had no effect`)
    if (result === undefined && effects > 0 && tables.entries.get(event.eventId)?.state === 'parked') {
      broken.push(`${event.eventId} is parked and had an effect`)
    }
    const place = target.effects.indexOf(event.eventId)
    for (const original of event.dependsOn) {
      const before = target.effects.indexOf(original)
      if (place >= 0 && (before < 0 || before > place))
        broken.push(`${event.eventId} came before ${original}, which it refers to`)
    }
  }
  return [...broken, ...judgeOrder(target, events)]
}

/** Per key, effects come in journal order, but for events that may leave their lane: dependents, and what a person must check. */
function judgeOrder(target: SimulatedTarget, events: readonly JournalEvent[]): string[] {
  const broken: string[] = []
  for (const key of new Set(events.map((event) => event.orderingKey))) {
    const lane = events.filter((event) => event.orderingKey === key && event.dependsOn.length === 0)
    const places = lane.map((event) => target.effects.indexOf(event.eventId)).filter((place) => place >= 0)
    if (places.some((place, index) => index > 0 && place < (places[index - 1] ?? 0)))
      broken.push(`lane ${key} is out of order`)
  }
  return broken
}
