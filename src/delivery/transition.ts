import type { TargetDocument } from '../contract/connector.ts'

/** The states in which an event can be kept outside the fast path. */
export type EntryState = 'sending' | 'retry' | 'unknown' | 'queued' | 'waiting' | 'parked' | 'needs-check'

/** These hold the lane: a later event of the key must not overtake. */
export const blockingStates: readonly EntryState[] = ['sending', 'retry', 'unknown', 'queued']

/** Why an event is parked or needs a check; stable, for grouping and for people's rules. */
export type ReasonCode =
  | 'rejected'
  | 'attempts-exhausted'
  | 'original-parked'
  | 'original-missing'
  | 'held-by-finding'
  | 'outcome-unknown'
  | 'connector-failed'

/** What becomes of an event after something happened to it. A value, decided in one place (`decide.ts`). */
export type Transition =
  | { state: 'delivered'; documents: TargetDocument[] }
  | { state: 'skipped'; reason: string }
  | { state: 'retry' | 'unknown'; delayMs: number; reason: string }
  | { state: 'waiting'; waitsFor: string; deadlineMs: number; reason: string }
  | { state: 'parked'; reasonCode: ReasonCode; reason: string; waitsFor?: string }
  | { state: 'needs-check'; reasonCode: ReasonCode; reason: string }
  | { state: 'queued' }
  | { state: 'sending' }

export function isSettled(
  transition: Transition,
): transition is Extract<Transition, { state: 'delivered' | 'skipped' }> {
  return transition.state === 'delivered' || transition.state === 'skipped'
}

/** Whether the lane stops behind this event. */
export function holdsLane(transition: Transition, strictOrder: boolean): boolean {
  if (isSettled(transition)) return false
  return strictOrder || blockingStates.includes(transition.state)
}
