import type { RandomSource } from '../contract/clock.ts'
import type { ConnectorFeatures, Outcome } from '../contract/connector.ts'
import { backoffMs } from './backoff.ts'
import type { DeliveryPolicy } from './policy.ts'
import type { Transition } from './transition.ts'

export interface DecideInput {
  outcome: Outcome
  /** Attempts made, this one included. */
  attempts: number
  features: ConnectorFeatures
  policy: Pick<DeliveryPolicy, 'attemptsMax' | 'backoffBaseMs' | 'backoffMaxMs' | 'waitDeadlineMs'>
  random: RandomSource
}

/** What happens next after a target answered: the one place where an outcome becomes a transition (states.md, table 2). */
export function decide({ outcome, attempts, features, policy, random }: DecideInput): Transition {
  switch (outcome.kind) {
    case 'delivered':
      return { state: 'delivered', documents: outcome.documents }
    case 'skipped':
      return { state: 'skipped', reason: outcome.reason }
    case 'rejected':
      return { state: 'parked', reasonCode: 'rejected', reason: outcome.reason }
    case 'gone':
      // It says nothing about the event, which goes first when the target is resumed and has used no attempt.
      return { state: 'retry', delayMs: 0, reason: outcome.reason }
    case 'waits':
      // The connector knows of something the hub does not see; there is no event to watch, so it is asked again later.
      if (attempts >= policy.attemptsMax) return exhausted(outcome.for)
      return { state: 'retry', delayMs: backoffMs(attempts, policy, random), reason: `waits for ${outcome.for}` }
    case 'retry':
      // It wants no requests at all for now, which says nothing about the event; the whole target is held (`guards/`).
      if (outcome.throttled) return { state: 'retry', delayMs: 0, reason: outcome.reason }
      if (attempts >= policy.attemptsMax) return exhausted(outcome.reason)
      return { state: 'retry', delayMs: backoffMs(attempts, policy, random, outcome.afterMs), reason: outcome.reason }
    case 'unknown':
      return decideUnknown(outcome.reason, attempts, features, policy, random)
  }
}

/** An answer was lost. Sent again only where a second effect is impossible; looked up where that can be trusted; else a person decides. */
function decideUnknown(
  reason: string,
  attempts: number,
  features: ConnectorFeatures,
  policy: DecideInput['policy'],
  random: RandomSource,
): Transition {
  if (features.idempotent) {
    if (attempts >= policy.attemptsMax) return exhausted(reason)
    return { state: 'retry', delayMs: backoffMs(attempts, policy, random), reason }
  }
  if (features.lookUp && attempts < policy.attemptsMax) {
    return { state: 'unknown', delayMs: backoffMs(attempts, policy, random), reason }
  }
  return { state: 'needs-check', reasonCode: 'outcome-unknown', reason }
}

function exhausted(reason: string): Transition {
  return { state: 'parked', reasonCode: 'attempts-exhausted', reason }
}

/** How an event whose claim expired in the middle of an attempt goes on (states.md, table 3). */
export function decideExpiredClaim(features: ConnectorFeatures): 'resend' | 'look-up' | 'needs-check' {
  if (features.idempotent) return 'resend'
  return features.lookUp ? 'look-up' : 'needs-check'
}
