import type { JournalEvent, JournalPosition } from '../journal/event.ts'
import type { OriginalState } from './dependencies.ts'
import { type ChosenWork, chooseWork } from './guards/choose-work.ts'
import type { Lane } from './lane.ts'
import { planLanes } from './plan-lanes.ts'
import { runLane } from './run-lane.ts'
import type { Entry, Settlement, ShardLease } from './store.ts'
import type { TargetRun } from './target.ts'
import { blockingStates, isSettled } from './transition.ts'

/** What a worker knows between two cycles of a target. */
export interface CycleState {
  leases: readonly ShardLease[]
  /** Whether entries may be due; false lets a cycle of the fast path go without asking. */
  lookForEntries: boolean
  /** Draining: events of this xid and later stay in the journal. */
  untilXid?: string
}

export interface CycleReport {
  /** Events and entries that were touched; 0 means that there was nothing to do. */
  touched: number
  cursors: ReadonlyMap<number, JournalPosition>
  /** Shards that somebody else has taken over. */
  lostShards: ReadonlySet<number>
  /** Whether entries are there that may become due. */
  entriesRemain: boolean
}

/** Entries of one held lane that one cycle works through. */
const entriesPerLane = 50

/** New events that are looked at for a rate budget, at least. */
const windowMin = 64

/** Takes the end of an attempt that outlived its cycle. */
type SettleStraggler = (settlement: Settlement) => Promise<void>

/** Reads, delivers and settles once, for all shards that this worker holds of one target. */
export async function runCycle(
  run: TargetRun,
  state: CycleState,
  settleStraggler: SettleStraggler,
): Promise<CycleReport> {
  const { promise: committed, resolve: noteCommitted } = Promise.withResolvers<boolean>()
  // A late answer may come before its cycle's own commit; settled then, the claim that the commit writes would stay for ever.
  const settleAfterCommit: SettleStraggler = async (settlement) => {
    if (await committed) await settleStraggler(settlement)
  }
  return cycle(run, state, settleAfterCommit).then(
    (report) => {
      noteCommitted(true)
      return report
    },
    (error: unknown) => {
      noteCommitted(false)
      throw error
    },
  )
}

async function cycle(run: TargetRun, state: CycleState, settleStraggler: SettleStraggler): Promise<CycleReport> {
  const { target, guard } = run
  const read = await readWork(run, state)
  const plan = planLanes({ ...read, features: target.connection.features })
  const cursors = lastPositions(read.passed)
  const originals = await readOriginals(run, plan.lanes)
  const oneEffectOnly = !target.connection.features.idempotent
  let settlements = [...plan.queued, ...plan.superseded, ...read.deferred.map(queue)]
  let lost = new Set<number>()
  let lanes = plan.lanes
  let claims: Settlement[] = []

  if (oneEffectOnly && lanes.length > 0) {
    // Without idempotency a claim must be on disk before anything is sent: a worker that dies here leaves a question, not a double.
    claims = claimHeads(lanes, run.slots.size)
    lost = await commit(run, state.leases, cursors, [...settlements, ...claims])
    tellSettled(run, settlements, lost)
    lanes = lanes.filter((lane) => lane.items.length > 0 && !lost.has(lane.shard))
    settlements = []
  }
  if (lanes.length > 0) await runLanes(run, lanes, { originals, leases: state.leases, settleStraggler })
  for (const lane of lanes) settlements.push(...lane.settlements)
  if (settlements.length > 0 || cursors.size > 0) {
    const remaining = state.leases.filter((lease) => !lost.has(lease.shard))
    const lostNow = await commit(
      run,
      remaining,
      oneEffectOnly && plan.lanes.length > 0 ? new Map() : cursors,
      settlements,
    )
    lost = new Set([...lost, ...lostNow])
  }
  tellSettled(run, settlements, lost)
  await guard.report()
  return {
    touched: read.passed.length + read.due.length + read.released.length,
    cursors,
    lostShards: lost,
    entriesRemain:
      read.heldKeys.size > 0 ||
      read.dependentsWait ||
      read.deferred.length > 0 ||
      [...claims, ...settlements].some(leavesWork),
  }
}

function tellSettled(
  { target, tools }: TargetRun,
  settlements: readonly Settlement[],
  lost: ReadonlySet<number>,
): void {
  for (const settlement of settlements) {
    if (!lost.has(settlement.event.shard)) tools.onSettled?.(target, settlement)
  }
}

function queue(event: JournalEvent): Settlement {
  return { event, transition: { state: 'queued' }, attempts: 0, hadEntry: false }
}

interface Work extends ChosenWork {
  dependentsWait: boolean
}

async function readWork(run: TargetRun, { leases, lookForEntries, untilXid }: CycleState): Promise<Work> {
  const { target, guard, slots } = run
  const { store } = run.tools
  const { batchEventsMax, concurrencyMax, strictOrder } = target.policy
  const probing = guard.isOpen
  const budget = guard.cycleBudget(slots.size / concurrencyMax)
  const oneEffectOnly = !target.connection.features.idempotent
  const none = { orderingKeys: new Set<string>(), dependentsWait: false }
  // A stopped event holds its lane for days there, and nothing else remembers it. The three see three moments. Entries of these shards
  // change between them only where a late answer is settled, which makes its own look, or a person takes parked ones back. One that was
  // parked for the first look and is queued for the others, or the other way round, may be seen twice, so it is taken once; one that
  // neither saw is found by the next look, within a poll, and holds no lane until then that it did not hold before.
  const [held, due, free] =
    lookForEntries || strictOrder
      ? await Promise.all([
          store.readHeld(target.targetId, leases, strictOrder),
          store.readDue(target.targetId, leases, {
            lanesMax: probing ? 1 : batchEventsMax,
            // Two are enough to see that a state was superseded.
            perLane: probing ? 1 : oneEffectOnly || budget !== undefined ? 2 : entriesPerLane,
            ignoreSchedule: probing,
            strictOrder,
          }),
          store.readReleased(target.targetId, leases, probing ? 1 : batchEventsMax),
        ])
      : [none, [], []]
  // During an outage one event is the probe: an entry where there is one, and one that waited where nothing else is left. New events stay
  // in the journal, where they cost nothing.
  const released = probing && due.length > 0 ? [] : withoutThose(free, due)
  const limit = probing ? (due.length + released.length > 0 ? 0 : 1) : Math.min(batchEventsMax, windowOf(budget))
  const fresh = limit > 0 ? await store.readNew(leases, limit, untilXid) : []
  const read = { fresh, due, released, heldKeys: held.orderingKeys }
  const chosen =
    budget === undefined || probing
      ? { ...read, passed: fresh, deferred: [] }
      : chooseWork(read, { budget, turns: run.turns, heldLanesMax: batchEventsMax })
  return { ...chosen, dependentsWait: held.dependentsWait }
}

/** Dependents that are not in their lane already: a person may have put them there between two looks. */
function withoutThose(released: Entry[], due: readonly Entry[]): Entry[] {
  if (released.length === 0 || due.length === 0) return released
  const inLane = new Set(due.map((entry) => entry.event.eventId))
  return released.filter((entry) => !inLane.has(entry.event.eventId))
}

/** A target with a rate budget is shown more events than it can take, so that what is urgent is found among them. */
function windowOf(budget: number | undefined): number {
  return budget === undefined ? Number.POSITIVE_INFINITY : Math.max(windowMin, 8 * budget)
}

async function readOriginals(
  { target, tools }: TargetRun,
  lanes: readonly Lane[],
): Promise<Map<string, OriginalState>> {
  const wanted = new Set(lanes.flatMap((lane) => lane.items.flatMap((item) => item.event.dependsOn)))
  return wanted.size > 0 ? tools.store.originalStates(target.targetId, [...wanted]) : new Map()
}

/**
 * The first events of as many lanes as can be under way are claimed, everything else waits behind them. So a crash leaves
 * no more open questions than there were requests on the line.
 */
function claimHeads(lanes: readonly Lane[], lanesMax: number): Settlement[] {
  const claims: Settlement[] = []
  lanes.forEach((lane, index) => {
    const going = index < lanesMax ? lane.items.slice(0, 1) : []
    for (const item of lane.items.slice(going.length)) {
      if (item.origin === 'new')
        claims.push({ event: item.event, transition: { state: 'queued' }, attempts: 0, hadEntry: false })
    }
    for (const item of going) {
      if (!item.judged)
        claims.push({
          event: item.event,
          transition: { state: 'sending' },
          attempts: item.attempts,
          hadEntry: item.origin === 'entry',
        })
      item.origin = 'entry'
    }
    lane.items.splice(0, lane.items.length, ...going)
  })
  return claims
}

async function commit(
  run: TargetRun,
  leases: readonly ShardLease[],
  cursors: ReadonlyMap<number, JournalPosition>,
  settlements: readonly Settlement[],
): Promise<Set<number>> {
  const touched = new Set([...cursors.keys(), ...settlements.map((settlement) => settlement.event.shard)])
  const used = leases.filter((lease) => touched.has(lease.shard))
  if (used.length === 0) return new Set()
  const { targetId } = run.target
  const held = await run.tools.store.commit({
    targetId,
    workerId: run.tools.workerId,
    leases: used,
    cursors,
    settlements,
  })
  return new Set(used.map((lease) => lease.shard).filter((shard) => !held.has(shard)))
}

/**
 * Runs all lanes; one whose attempt hangs longer than `cycleMaxMs` is left behind and settles by itself. A lane that fails
 * fails the cycle, but only after every other lane has come to its end: nothing may be on the line when the leases go back.
 */
async function runLanes(
  run: TargetRun,
  lanes: readonly Lane[],
  surroundings: Parameters<typeof runLane>[2],
): Promise<void> {
  const { clock } = run.tools
  const { cycleMaxMs } = run.target.policy
  const finished = new AbortController()
  const open = new Set(lanes)
  const failures: unknown[] = []
  await new Promise<void>((resolve) => {
    const close = (lane: Lane) => {
      open.delete(lane)
      if (open.size === 0) resolve()
    }
    const leaveBehind = (lane: Lane, work: Promise<void>) => {
      lane.detach()
      run.stragglers.set(work, lane.shard)
      void work.finally(() => run.stragglers.delete(work))
      close(lane)
    }
    const works = new Map(
      lanes.map((lane) => {
        const work = runLane(run, lane, surroundings)
          .catch((error: unknown) => void failures.push(error))
          .then(() => close(lane))
        return [lane, work]
      }),
    )
    const watch = async () => {
      while (!finished.signal.aborted) {
        await clock.sleep(cycleMaxMs, finished.signal)
        for (const lane of open) {
          const work = works.get(lane)
          if (work && lane.current && clock.now() - lane.current.startedAt >= cycleMaxMs) leaveBehind(lane, work)
        }
      }
    }
    void watch()
  }).finally(() => finished.abort('over'))
  if (failures.length > 0) throw failures[0]
}

function lastPositions(events: readonly JournalEvent[]): Map<number, JournalPosition> {
  return new Map(events.map((event) => [event.shard, { xid: event.xid, position: event.position }]))
}

function leavesWork({ transition }: Settlement): boolean {
  if (isSettled(transition)) return false
  return transition.state === 'waiting' || blockingStates.includes(transition.state)
}
