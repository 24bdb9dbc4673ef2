import type { ReceiptFilter } from '../../journal/find.ts'
import type { TargetPause } from '../targets.ts'

/**
 * What a replay is for. `missing`: the target gets what it does not have; what it has stays as it is. `again`: the target gets
 * everything of the set once more, as something new.
 */
export const replayModes = ['missing', 'again'] as const
export type ReplayMode = (typeof replayModes)[number]

export type ReplayState = 'planning' | 'planned' | 'running' | 'paused' | 'aborting' | 'aborted' | 'finished'

/** States that an event can be replayed from. `unaccounted`: it was passed and has left no trace, as after a restore of the hub. */
export const replayableStates = ['delivered', 'skipped', 'parked', 'needs-check', 'unaccounted'] as const
export type ReplayableState = (typeof replayableStates)[number]

/** Why an event that matches is left as it is. */
export type LeftBecause =
  /** Not reached yet, under way, or waiting for its original: delivery brings it by itself. */
  | 'on-its-way'
  /** The target may have it, cannot be asked, and would book it twice. */
  | 'cannot-be-asked'
  /** Nobody knows whether the target has it, and it can be asked: mode `missing` does. */
  | 'look-up-first'
  /** It is not what the plan said any more. */
  | 'changed'

/** Which events are replayed; what is not said does not matter. */
export interface ReplayFilter extends ReceiptFilter {
  states?: readonly ReplayableState[]
  /** Parked events whose reason has this text, or whose reason code or fingerprint is this. */
  error?: string
}

export interface ReplayCounts {
  /** Events that match. */
  matched: number
  /** The set, by the state in which the plan found them. */
  items: Partial<Record<ReplayableState, number>>
  /** What matches and is no part of the set, by reason. */
  left: Partial<Record<LeftBecause, number>>
  /** Parked dependents outside the set that go on by themselves when their original is settled. */
  follow: number
}

export interface Replay {
  replayId: string
  target: string
  /** There where the target is paused: nothing is let go until it is resumed. */
  targetPause?: TargetPause
  mode: ReplayMode
  state: ReplayState
  filter: Record<string, unknown>
  reason: string
  plannedBy: string
  ratePerSecond: number
  counts: ReplayCounts
  plannedAt: Date
  /** Until when a plan may be run; there while it is one. */
  expiresAt?: Date
  startedAt?: Date
  endedAt?: Date
}

/** How far a replay is. Numbers of events; `planned + open + left + sum of outcomes` is the size of the set. */
export interface ReplayProgress {
  planned: number
  /** Let go into their lanes, without an end so far. */
  open: number
  left: Partial<Record<LeftBecause, number>>
  /** `delivered`, `skipped`, `parked`, `needs-check`, `waiting`. */
  outcomes: Record<string, number>
}

export const replayRateDefault = 100
export const replayRateMax = 10_000
/** A plan that is older is not run any more: what somebody looked at is too long ago. */
export const planExpiresMs = 7 * 86_400_000
/** So long a plan that was never run can be looked at, with its receipts. */
export const planKeptMs = 30 * 86_400_000
/** Events of one replay. */
export const replayItemsMax = 500_000
