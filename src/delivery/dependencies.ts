import type { DeliveryPolicy } from './policy.ts'
import type { Transition } from './transition.ts'

/** What the target knows of an original. `absent`: the hub itself has not seen it. */
export type OriginalState = 'settled' | 'open' | 'parked' | 'absent'

export interface DependencyInput {
  dependsOn: readonly string[]
  stateOf(eventId: string): OriginalState
  /** The wait for an original has already taken too long. */
  deadlinePassed: boolean
  policy: Pick<DeliveryPolicy, 'waitDeadlineMs' | 'whenOriginalMissing'>
}

/**
 * Whether an event may go before its originals: a return that reaches the ERP before its sale is refused there.
 * Undefined means that it may be sent. Waiting uses no attempts and does not hold the lane.
 */
export function judgeDependencies({
  dependsOn,
  stateOf,
  deadlinePassed,
  policy,
}: DependencyInput): Transition | undefined {
  for (const original of dependsOn) {
    const state = stateOf(original)
    if (state === 'settled') continue
    if (state === 'parked') {
      return {
        state: 'parked',
        reasonCode: 'original-parked',
        reason: 'The transaction it refers to is parked at this target.',
        waitsFor: original,
      }
    }
    if (!deadlinePassed) {
      return {
        state: 'waiting',
        waitsFor: original,
        deadlineMs: policy.waitDeadlineMs,
        reason:
          state === 'open'
            ? 'The transaction it refers to is on its way.'
            : 'The transaction it refers to has not arrived yet.',
      }
    }
    if (policy.whenOriginalMissing === 'park') {
      return {
        state: 'parked',
        reasonCode: 'original-missing',
        reason: 'The transaction it refers to did not arrive in time.',
        waitsFor: original,
      }
    }
  }
  return undefined
}
