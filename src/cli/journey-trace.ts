import { traceIdOf } from '../contract/trace-context.ts'
import type { TargetJourney } from '../delivery/journey.ts'

/** The way of a receipt as the hub's own tables tell it: all of it, whether or not its trace was recorded. */
export interface JourneyTrace {
  /** Undefined for receipts of before traces were carried. */
  traceId?: string
  /** In the order of the hub's clock. */
  steps: JourneyStep[]
}

export interface JourneyStep {
  /** `recorded`: acknowledged and in the journal, one commit; `attempt`: one that did not go well at once; else the end at a target. */
  step: 'recorded' | 'attempt' | TargetJourney['state']
  at: string
  target?: string
  attempt?: number
  outcome?: string
  durationMs?: number
}

interface Recorded {
  recordedAt: Date
  traceparent: string | undefined
}

export function traceJourney({ recordedAt, traceparent }: Recorded, targets: readonly TargetJourney[]): JourneyTrace {
  const steps = targets.flatMap(stepsAt).sort((left, right) => left.at.localeCompare(right.at))
  return {
    ...(traceparent !== undefined && { traceId: traceIdOf(traceparent) }),
    steps: [{ step: 'recorded', at: iso(recordedAt) }, ...steps],
  }
}

function stepsAt({ target, state, attempts, settledAt, history }: TargetJourney): JourneyStep[] {
  const tried = history.map(
    ({ attempt, outcome, durationMs, at }): JourneyStep => ({
      step: 'attempt',
      at: iso(at),
      target,
      attempt,
      outcome,
      durationMs,
    }),
  )
  return settledAt ? [...tried, { step: state, at: iso(settledAt), target, attempt: attempts }] : tried
}

/** Times inside JSON of the database are text of another form. */
function iso(at: Date | string): string {
  return new Date(at).toISOString()
}
