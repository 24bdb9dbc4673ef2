import type { Clock, RandomSource } from '../../contract/clock.ts'
import type { Outcome } from '../../contract/connector.ts'
import { backoffMs, retryAfterMaxMs } from '../backoff.ts'
import type { DeliveryPolicy } from '../policy.ts'
import { type BudgetLine, openBudgetLine } from './budget-line.ts'
import { failedLanesForOutage, type GuardStore, type GuardView, type ProbeRest } from './guard-store.ts'

export interface TargetGuardOptions {
  targetId: number
  policy: DeliveryPolicy
  store: GuardStore
  clock: Clock
  random: RandomSource
  /** Told how long an attempt waited for its turn in the rate budget. */
  onRateWait?: ((waitedMs: number) => void) | undefined
}

/** The longest rest between two probes of a target that seems down, and the least one after a while. */
export const probeRestMaxMs = 30_000
const probeStretchMax = 1.5

/** What an attempt showed of its target, apart from what becomes of the event. */
export interface AttemptSigns {
  outcome: Outcome
  orderingKey: string
  requestsCount: number
  /** The target's headers said that nothing more is taken for so long. */
  exhaustedForMs: number
}

/**
 * Stands between one worker and its target: what all workers share is read before a cycle, asked before an attempt, told after
 * it. Tells a poison event from an outage: one lane that fails again and again says something about its event, several
 * lanes that all fail say something about the target.
 */
export class TargetGuard {
  readonly #options: TargetGuardOptions
  readonly #line: BudgetLine | undefined
  #view: GuardView = { heldMs: 0, isOpen: false, probeInMs: 0, isFailing: false }
  #heldUntil = Number.NEGATIVE_INFINITY
  /** Rises before and after a hold is written. */
  #holdsCount = 0
  #probeAt = 0
  #throttles = 0
  /** Since the last report. */
  readonly #failedKeys = new Set<string>()
  #answered = false

  constructor(options: TargetGuardOptions) {
    this.#options = options
    const { rate } = options.policy
    this.#line = rate && openBudgetLine({ ...options, rate, giveUp: () => this.#isHeld() })
  }

  /** Only probes are sent. */
  get isOpen(): boolean {
    return this.#view.isOpen
  }

  /** No event runs out of attempts. */
  get isDown(): boolean {
    return this.#view.isOpen || this.#failedKeys.size >= failedLanesForOutage
  }

  /** Reads what the workers share. */
  async refresh(): Promise<void> {
    const { store, targetId, clock } = this.#options
    const holdsCount = this.#holdsCount
    this.#view = await store.read(targetId)
    const sharedUntil = clock.now() + (this.#view.heldMs > 0 ? this.#view.heldMs : -1)
    // What all share counts, so that an operator can end it; what was learned while this was read is not forgotten.
    this.#heldUntil = this.#holdsCount === holdsCount ? sharedUntil : Math.max(this.#heldUntil, sharedUntil)
    this.#probeAt = clock.now() + this.#view.probeInMs
  }

  /** So long nothing can be sent, so that nothing need be read. */
  restMs(): number {
    const now = this.#options.clock.now()
    const probeMs = this.#view.isOpen ? this.#probeAt - now : 0
    return Math.max(0, this.#heldUntil - now, probeMs, this.#line?.dryMs() ?? 0)
  }

  /** Events that one cycle can send within its budget, where this worker has `share` of the target's requests; undefined: any number. */
  cycleBudget(share: number): number | undefined {
    const { rate, cycleMaxMs } = this.#options.policy
    return rate && Math.max(1, Math.ceil((rate.perSecond * cycleMaxMs * share) / 1_000))
  }

  /** Whether an attempt may begin; waits for its turn in the rate budget, but not for long. */
  async enter(): Promise<boolean> {
    const { store, targetId, policy, clock } = this.#options
    if (this.#isHeld()) return false
    const usableUntil = this.#line ? await this.#line.takeToken() : Number.POSITIVE_INFINITY
    if (usableUntil === undefined) return false
    if (this.#view.isOpen && !(await store.takeProbe(targetId, policy.attemptTimeoutMs, this.#rest()))) return false
    return clock.now() < usableUntil
  }

  /** Learns from an attempt. A target that wants rest is held for every worker before anything else is begun. */
  async learn({ outcome, orderingKey, requestsCount, exhaustedForMs }: AttemptSigns): Promise<void> {
    if (requestsCount > 1) this.#line?.owe(requestsCount - 1)
    const throttled = outcome.kind === 'retry' && outcome.throttled === true
    if (!throttled) this.#throttles = 0
    if (throttled) {
      this.#throttles += 1
      const { policy, random } = this.#options
      const askedMs = Math.max(outcome.afterMs ?? 0, exhaustedForMs)
      await this.#hold(askedMs > 0 ? askedMs : backoffMs(this.#throttles, policy, random), outcome.reason)
    } else if (exhaustedForMs > 0) {
      await this.#hold(exhaustedForMs, 'the answer said that its rate limit is used up')
    }
    if (outcome.kind === 'gone') return
    if ((outcome.kind === 'retry' && !throttled) || outcome.kind === 'unknown') this.#failedKeys.add(orderingKey)
    else {
      this.#failedKeys.clear()
      this.#answered = true
    }
  }

  /** Tells the others what this cycle showed, where they do not know it yet. An ordinary cycle tells nothing. */
  async report(): Promise<void> {
    const { store, targetId } = this.#options
    const failed = [...this.#failedKeys].slice(0, failedLanesForOutage)
    if (this.#answered && (this.#view.isOpen || this.#view.isFailing)) await store.noteAnswer(targetId)
    if (failed.length > 0) await store.noteFailures(targetId, failed, this.#rest())
    this.#failedKeys.clear()
    this.#answered = false
  }

  #isHeld(): boolean {
    return (
      this.#options.clock.now() < this.#heldUntil ||
      // Seen in this very cycle: what has not begun waits for a probe.
      (!this.#view.isOpen && this.#failedKeys.size >= failedLanesForOutage)
    )
  }

  async #hold(askedMs: number, reason: string): Promise<void> {
    const { store, targetId, clock } = this.#options
    const holdMs = Math.min(askedMs, retryAfterMaxMs)
    this.#heldUntil = Math.max(this.#heldUntil, clock.now() + holdMs)
    this.#holdsCount += 1
    await store.hold(targetId, holdMs, reason.slice(0, 500))
    this.#holdsCount += 1
  }

  #rest(): ProbeRest {
    const { policy, random } = this.#options
    const stretch = 1 + (probeStretchMax - 1) * random.next()
    return { baseMs: policy.backoffBaseMs, maxMs: probeRestMaxMs, stretch }
  }
}
