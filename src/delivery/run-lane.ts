import type { Outcome } from '../contract/connector.ts'
import { traceIdOf } from '../contract/trace-context.ts'
import type { JournalEvent, RecordedData } from '../journal/event.ts'
import { traitsOf } from '../journal/event-traits.ts'
import { type AttemptResult, makeAttempt } from './attempt.ts'
import { judgeDependencies, type OriginalState } from './dependencies.ts'
import type { Lane, LaneItem } from './lane.ts'
import type { DeliveryPolicy } from './policy.ts'
import { screen } from './screen.ts'
import { openSteps } from './steps.ts'
import type { Settlement, ShardLease } from './store.ts'
import type { TargetRun } from './target.ts'
import { holdsLane, isSettled, type Transition } from './transition.ts'

/** This process slept or stalled past the end of its leases: it must not send any more. */
export class LeaseEndedError extends Error {
  override readonly name = 'LeaseEndedError'

  constructor(targetName: string) {
    super(`the leases at ${targetName} ended before the cycle did`)
  }
}

export interface LaneSurroundings {
  /** State of originals at this target, kept up to date while the cycle runs. */
  originals: Map<string, OriginalState>
  /** Of the shards of this cycle. */
  leases: readonly ShardLease[]
  /** Takes the end of an attempt whose lane was left behind by its cycle. */
  settleStraggler(settlement: Settlement): Promise<void>
}

/** Delivers the events of a lane one after another, until one holds it. */
export async function runLane(run: TargetRun, lane: Lane, surroundings: LaneSurroundings): Promise<void> {
  for (const item of lane.items) {
    const settlement = item.judged ?? (await settleItem(run, lane, item, surroundings))
    if (lane.detached) {
      await surroundings.settleStraggler(settlement)
      return
    }
    lane.settlements.push(settlement)
    const { transition } = settlement
    if (isSettled(transition)) surroundings.originals.set(item.event.eventId, 'settled')
    if (transition.state === 'parked') surroundings.originals.set(item.event.eventId, 'parked')
    if (holdsLane(transition, run.target.policy.strictOrder)) {
      lane.queueRest(item)
      break
    }
  }
  lane.finished = true
}

async function settleItem(
  run: TargetRun,
  lane: Lane,
  item: LaneItem,
  { originals, leases }: LaneSurroundings,
): Promise<Settlement> {
  const { target, tools, guard, slots } = run
  const { event } = item
  const early =
    screenEvent(event, target.policy) ??
    judgeDependencies({
      dependsOn: event.dependsOn,
      stateOf: (eventId) => originals.get(eventId) ?? 'absent',
      deadlinePassed: item.deadlinePassed,
      policy: target.policy,
    })
  if (early) return { event, transition: early, attempts: item.attempts, hadEntry: item.origin === 'entry' }

  if (!(await slots.take())) return heldBack(item)
  const made = await attemptInSlot(run, lane, item, leases).finally(() => {
    slots.give()
    lane.current = undefined
  })
  if (!made) return heldBack(item)
  const { outcome, durationMs } = made
  const attempt = item.attempts + 1
  const attempts = saysNothingOfTheEvent(outcome) ? item.attempts : attempt
  const policy = guard.isDown ? { ...target.policy, attemptsMax: Number.POSITIVE_INFINITY } : target.policy
  const transition = tools.decide({
    outcome,
    attempts,
    features: target.connection.features,
    policy,
    random: tools.random,
  })
  const reason = 'reason' in outcome ? outcome.reason : undefined
  const fields = {
    target: target.name,
    receipt: event.subject,
    eventId: event.eventId,
    ...(event.traceparent !== undefined && { traceId: traceIdOf(event.traceparent) }),
    attempts,
  }
  if (isSettled(transition)) tools.logger.debug(fields, transition.state)
  else
    tools.logger.warn({ ...fields, outcome: outcome.kind, next: transition.state, reason }, 'a receipt did not arrive')
  return {
    event,
    transition,
    attempts,
    // A lane that was left behind has written a claim meanwhile.
    hadEntry: item.origin === 'entry' || lane.detached,
    attempt: { outcome: outcome.kind, durationMs, ...(reason !== undefined && { reason }) },
  }
}

/** One attempt, and what is learned from it; undefined where nothing may be sent now. */
async function attemptInSlot(
  run: TargetRun,
  lane: Lane,
  item: LaneItem,
  leases: readonly ShardLease[],
): Promise<AttemptResult | undefined> {
  const { target, tools, guard } = run
  const { event } = item
  if (run.gone || !(await guard.enter())) return undefined
  // Nothing of this cycle is settled; the next holder of the shard reads it again.
  if (!run.leasesHold()) throw new LeaseEndedError(target.name)
  lane.current = { item, startedAt: tools.clock.now() }
  const attempt = item.attempts + 1
  const { resumesCount } = run
  const openOwnSteps = () => {
    const { store, workerId } = tools
    return openSteps({ target, store, workerId, leases, event, attempt, kind: item.kind })
  }
  const made = await makeAttempt(target, tools, event, attempt, item.kind, openOwnSteps, item.replay)
  const { outcome, durationMs: _, ...signs } = made
  // Before the slot is given to the next lane, which then must not send.
  if (outcome.kind === 'gone') run.gone ??= { reason: outcome.reason, resumesCount }
  await guard.learn({ ...signs, outcome, orderingKey: event.orderingKey }).catch((error: unknown) => {
    // This worker rests for this cycle all the same, and what became of the event must not be lost for it.
    tools.logger.warn({ target: target.name, error: String(error) }, 'the other workers were not told to rest')
  })
  return made
}

function screenEvent(event: JournalEvent, policy: DeliveryPolicy): Transition | undefined {
  if (traitsOf(event.eventType)?.kind !== 'flow') return undefined
  const { transaction, findings } = event.data as RecordedData
  return screen(transaction, findings, policy)
}

/** An answer about the address or about too many requests uses no attempt. */
function saysNothingOfTheEvent(outcome: Outcome): boolean {
  return outcome.kind === 'gone' || (outcome.kind === 'retry' && outcome.throttled === true)
}

/** Nothing may be sent any more in this cycle: the event keeps its place, and a lost answer is still looked for first. */
function heldBack({ event, attempts, origin, kind }: LaneItem): Settlement {
  const transition: Transition =
    kind === 'look-up' ? { state: 'unknown', delayMs: 0, reason: 'the target is held' } : { state: 'queued' }
  return { event, transition, attempts, hadEntry: origin === 'entry' }
}
