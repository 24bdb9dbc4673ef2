import type { RateBudget } from './budget.ts'

/** What a worker must know before a cycle; durations from now, by the clock of the store. */
export interface GuardView {
  /** The target has asked for rest for so long; 0: it has not. */
  heldMs: number
  /** The target is thought to be down: nothing but probes is sent. */
  isOpen: boolean
  /** The next probe may go in so long. */
  probeInMs: number
  /** A lane failed since anybody had an answer. */
  isFailing: boolean
}

export interface PermitsRequest {
  targetId: number
  workerId: string
  /** Of all workers together. */
  permitsMax: number
  /** More than that this worker cannot have on its way before it hears the answer. */
  ceiling: number
  /** As long as the lease of its shards. */
  leaseMs: number
}

export interface Permits {
  /** Requests that this worker may have on their way from now on. */
  count: number
  /** Nobody owes anybody permits; false: ask again soon. */
  isFair: boolean
  /** There is one for every worker. */
  allHave: boolean
}

export interface DrawRequest {
  budget: RateBudget
  tokens: number
  /** Requests that were made without a token and are paid for now. */
  debt: number
}

/** How long the rests between probes are: `baseMs`, twice that, and so on up to `maxMs`, all times `stretch`. */
export interface ProbeRest {
  baseMs: number
  maxMs: number
  /** From 1, by dice: installations that saw the same outage do not come back together. */
  stretch: number
}

/** So many lanes must fail one after another, with no answer between, before the target itself is thought to be down. */
export const failedLanesForOutage = 3

/** What all workers of a target share. PostgreSQL has one (`postgres-guards.ts`), the simulation another. */
export interface GuardStore {
  read(targetId: number): Promise<GuardView>
  /** Prolongs, takes or gives back this worker's share of the requests that may be on their way. */
  claimPermits(request: PermitsRequest): Promise<Permits>
  releasePermits(targetId: number, workerId: string): Promise<void>
  /** Tokens for one slice; none: when the next one is there. */
  draw(targetId: number, request: DrawRequest): Promise<{ granted: number; waitMs: number }>
  /** Nothing is sent to the target for so long, by any worker; a hold that lasts longer stays. */
  hold(targetId: number, holdMs: number, reason: string): Promise<void>
  /** Lanes that failed one after another; the third opens the breaker. A probe that failed ends. */
  noteFailures(targetId: number, orderingKeys: readonly string[], rest: ProbeRest): Promise<void>
  /** The target took or judged something: it is there. Closes the breaker. */
  noteAnswer(targetId: number): Promise<void>
  /** The right to send one probe, for one worker of all; it lasts `attemptTimeoutMs`. */
  takeProbe(targetId: number, attemptTimeoutMs: number, rest: ProbeRest): Promise<boolean>
}
