import type { ConnectorFeatures, TargetDocument } from '../contract/connector.ts'
import type { JournalEvent, JournalPosition } from '../journal/event.ts'
import type { OriginalState } from './dependencies.ts'
import type { GuardStore } from './guards/guard-store.ts'
import type { StepRecord } from './steps.ts'
import type { GoneAnswer } from './target.ts'
import type { EntryState, Transition } from './transition.ts'

/** A worker's right to deliver one shard to one target, until the lease ends or somebody with a higher fence has it. */
export interface ShardLease {
  shard: number
  fence: string
  /** Everything up to here is settled or an entry. */
  cursor: JournalPosition
}

/** What a replay said about how an event is sent (`replay/`). */
export interface ReplayMark {
  replayId: string
  /** The target is asked before every attempt, also before the first. */
  lookFirst: boolean
  /** How often the event was sent again on purpose; part of its idempotency key. */
  generation: number
  /** `<kind>/<document id>` of what earlier generations made: found again, it is no proof of this one. */
  superseded: readonly string[]
}

/** An event that left the fast path, with its place and history. */
export interface Entry {
  event: JournalEvent
  state: EntryState
  attempts: number
  /** There where a replay brought the event back. */
  replay?: ReplayMark
  /** A dependent whose deadline is over. */
  deadlinePassed: boolean
}

/** What a cycle decided about one event. */
export interface Settlement {
  event: JournalEvent
  transition: Transition
  /** Attempts made so far. */
  attempts: number
  /** The event has an entry, which ends with the event. The fast path has none and need not look. */
  hadEntry: boolean
  /** The attempt just made, for the journey; kept when it did not simply succeed at once. */
  attempt?: { outcome: string; reason?: string; durationMs: number }
}

export interface Commit {
  targetId: number
  workerId: string
  leases: readonly ShardLease[]
  /** New cursors, by shard; a shard that is not named stays. */
  cursors: ReadonlyMap<number, JournalPosition>
  settlements: readonly Settlement[]
}

export interface DueRequest {
  /** Lanes at most. */
  lanesMax: number
  /** Entries of one lane at most. */
  perLane: number
  /** Takes scheduled retries before their time: the probe of a target that seems down. */
  ignoreSchedule: boolean
  /** A lane goes no further than to what stops it. */
  strictOrder: boolean
}

export interface ClaimRequest {
  targetId: number
  workerId: string
  leaseMs: number
  /** Only prolongs what is held: the heartbeat of a cycle that takes long. */
  renewOnly: boolean
  /** The shards that a bus gave to this worker, instead of a fair share: others are given back, none beyond them is taken. */
  only?: ReadonlySet<number>
  /** Shards with an attempt on the line that outlived its cycle: not given back before it has come to its end. */
  busy: ReadonlySet<number>
  /** So many workers share the shards at most, since each must be able to send something; 0: this one gives back what it holds. */
  workersMax?: number
  /** Every worker there is may send something to the target. */
  allMaySend?: boolean
}

/** Whether a worker may work for a target, asked before every cycle. */
export interface TargetGate {
  isPaused: boolean
  resumesCount: number
  /** Draining: events of this xid and later are not taken. */
  drainUntilXid?: string
  /** A replay has events for this target, or some on their way. */
  isReplaying?: boolean
  /** False: no event has an entry at this target, so there is none to look for. */
  hasEntries?: boolean
}

export interface FeedRequest {
  targetId: number
  workerId: string
  leases: readonly ShardLease[]
  features: ConnectorFeatures
  strictOrder: boolean
  /** False where the target takes nothing now: then only what has come to its end is written down. */
  letsGo: boolean
}

/** What became of a replay in one step. */
export interface FedReplay {
  /** Events that went into their lanes. */
  released: number
  /** Events that have come to their end, by outcome. */
  settled: ReadonlyMap<string, number>
}

/**
 * What delivery needs of a store. PostgreSQL has one (`delivery.db.test.ts`), the simulation another.
 * Every write is fenced: it changes nothing in a shard whose fence has moved on.
 */
export interface DeliveryStore {
  /** What all workers of a target share besides its events. */
  guards: GuardStore
  /** Says that a worker is there, before it claims: so workers that start together share from the beginning. */
  announce(workerId: string): Promise<void>
  /** Asked before every cycle, so that a pause holds in every process at once. */
  readPause(targetId: number): Promise<TargetGate>
  /** Pauses a target that said it is gone; one that is paused already, or was resumed since, stays as it is. */
  pauseGone(targetId: number, answer: GoneAnswer): Promise<void>
  /** Renews this worker's leases, takes free and expired ones up to its fair share, gives surplus back; returns what it now holds. */
  claimShards(request: ClaimRequest): Promise<ShardLease[]>
  releaseShards(targetId: number, workerId: string): Promise<void>
  /** Events after the cursors, in order per shard, at most `limit`; none of `untilXid` and later. */
  readNew(leases: readonly ShardLease[], limit: number, untilXid?: string): Promise<JournalEvent[]>
  /** Lanes of these shards that are held by an entry, with `strictOrder` also a stopped one, and whether dependents wait. */
  readHeld(
    targetId: number,
    leases: readonly ShardLease[],
    strictOrder: boolean,
  ): Promise<{ orderingKeys: Set<string>; dependentsWait: boolean }>
  /**
   * Lanes that can go on: for every held lane whose head is due, its entries in order, at most `perLane`. Due are queued
   * heads, retries whose time has come (the longest due first), and claims (`sending`) of an older fence.
   */
  readDue(targetId: number, leases: readonly ShardLease[], request: DueRequest): Promise<Entry[]>
  /** Dependents that can be judged again: their original is settled or parked, or their deadline has passed. */
  readReleased(targetId: number, leases: readonly ShardLease[], limit: number): Promise<Entry[]>
  originalStates(targetId: number, eventIds: readonly string[]): Promise<Map<string, OriginalState>>
  /** Steps that a connector of several documents has had done for an event, in their order. */
  readSteps(targetId: number, eventId: string): Promise<Map<string, TargetDocument>>
  /** Writes one step down, durably; false when the shard's fence has moved on, and then nothing is written. */
  recordStep(record: StepRecord): Promise<boolean>
  /** After an outage: makes every scheduled retry due at once. */
  hastenRetries(targetId: number, leases: readonly ShardLease[]): Promise<void>
  /** Settles a cycle in one commit; returns the shards whose fence held. */
  commit(commit: Commit): Promise<Set<number>>
  /** Pauses a target whose drain is over: everything before the mark has its result, or waits for a person or an original. */
  endDrain?(targetId: number, untilXid: string, strictOrder: boolean): Promise<void>
  /**
   * Writes down the end of events of a replay, and makes entries of the next ones; called between two cycles, when nothing of these
   * shards is under way.
   */
  feedReplay?(request: FeedRequest): Promise<FedReplay>
}
