import type { Clock, RandomSource } from '../contract/clock.ts'
import type { Connection, GuardedFetch } from '../contract/connector.ts'
import type { Logger } from '../contract/logger.ts'
import type { decide } from './decide.ts'
import type { ClassTurns } from './guards/class-turns.ts'
import type { TargetGuard } from './guards/target-guard.ts'
import type { DeliveryPolicy } from './policy.ts'
import type { Slots } from './slots.ts'
import type { DeliveryStore, FedReplay, Settlement } from './store.ts'

/** One configured target with everything that a worker needs to deliver to it. */
export interface Target {
  targetId: number
  name: string
  connectorName: string
  connection: Connection
  policy: DeliveryPolicy
  fetch: GuardedFetch
}

/** What a worker brings along; all of it can be replaced in a simulation. */
export interface WorkerTools {
  workerId: string
  store: DeliveryStore
  clock: Clock
  random: RandomSource
  logger: Logger
  /** `decide.ts`, or a mutant of it that the simulation must catch. */
  decide: typeof decide
  /** Told of every settlement that was committed. */
  onSettled?(target: Target, settlement: Settlement): void
  /** Told how long an attempt waited for its turn in the rate budget of a target. */
  onRateWait?(target: Target, waitedMs: number): void
  /** Told when a worker begins or ceases to take a target for down. */
  onHealth?(target: Target, workerId: string, isDown: boolean): void
  /** Told what became of a replay between two cycles. */
  onReplayed?(target: Target, fed: FedReplay): void
}

/** An answer that pauses the target, unless it was resumed after the attempt began. */
export interface GoneAnswer {
  reason: string
  resumesCount: number
}

/** A target as one worker has it at hand. */
export interface TargetRun {
  target: Target
  tools: WorkerTools
  guard: TargetGuard
  /** Which class of events goes next where the rate budget does not allow all. */
  turns: ClassTurns
  /** Attempts on their way, stragglers of earlier cycles included. */
  slots: Slots
  /** Lanes that were left behind by their cycle and have not come to their end, with their shards. */
  stragglers: Map<Promise<void>, number>
  /** As read before this cycle. */
  resumesCount: number
  /** The target said that it is gone, and the store has not been told yet: nothing more is begun. */
  gone: GoneAnswer | undefined
  /** Whether this process may still send; false when it was asleep for longer than its leases lasted. */
  leasesHold(): boolean
}
