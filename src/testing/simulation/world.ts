import type { Clock, RandomSource } from '../../contract/clock.ts'
import { seededRandom } from '../seeded-random.ts'

/** A process in the simulation: it can be killed (nothing of it ever goes on) or asleep (everything of it goes on later). */
export class Process {
  readonly name: string
  dead = false
  asleepUntil = 0

  constructor(name: string) {
    this.name = name
  }
}

interface Timer {
  at: number
  order: number
  owner: Process
  fire(): void
}

/**
 * A world with one clock and one dice. Whatever would be concurrent in reality is a step here, and the dice decides which
 * step comes next; so a schedule is a seed, and a failure can be played again.
 */
export class World {
  readonly random: RandomSource
  /** How likely a process stalls before an operation, for longer than a lease may last. */
  stallProbability = 0
  #now = 0
  #ready: { owner: Process; go(): void }[] = []
  #timers: Timer[] = []
  #order = 0

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  get now(): number {
    return this.#now
  }

  chance(probability: number): boolean {
    return this.random.next() < probability
  }

  /** Puts a process to sleep now and then, in the middle of its work. */
  maybeStall(owner: Process): void {
    if (this.chance(this.stallProbability)) owner.asleepUntil = this.#now + this.random.next() * 10_000
  }

  /** A point at which anybody else may come first. */
  step(owner: Process): Promise<void> {
    return new Promise((go) => this.#ready.push({ owner, go }))
  }

  clockOf(owner: Process): Clock {
    return {
      now: () => this.#now,
      sleep: (durationMs, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve()
          const fire = () => {
            // Of a signal that lives for days of this world, thousands would be left.
            signal?.removeEventListener('abort', wake)
            resolve()
          }
          const timer: Timer = { at: this.#now + Math.max(0, durationMs), order: this.#order++, owner, fire }
          const wake = () => {
            this.#timers = this.#timers.filter((one) => one !== timer)
            resolve()
          }
          this.#timers.push(timer)
          signal?.addEventListener('abort', wake, { once: true })
        }),
    }
  }

  /** Runs until nothing is left to do, or `until` says that it is over, or the step limit is reached. */
  async run(until: () => boolean, stepsMax: number): Promise<boolean> {
    for (let steps = 0; steps < stepsMax; steps += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (until()) return true
      if (!this.#advance()) return until()
    }
    return false
  }

  #advance(): boolean {
    this.#ready = this.#ready.filter((step) => !step.owner.dead)
    this.#timers = this.#timers.filter((timer) => !timer.owner.dead)
    const awake = this.#ready.filter((step) => step.owner.asleepUntil <= this.#now)
    if (awake.length > 0) {
      const chosen = awake[Math.floor(this.random.next() * awake.length)]
      this.#ready.splice(this.#ready.indexOf(chosen as (typeof awake)[number]), 1)
      chosen?.go()
      return true
    }
    // Nobody is ready: time goes on to whatever comes first.
    const wakeUps = this.#ready.map((step) => step.owner.asleepUntil)
    const due = this.#timers.map((timer) => Math.max(timer.at, timer.owner.asleepUntil))
    const next = Math.min(...wakeUps, ...due)
    if (!Number.isFinite(next)) return false
    this.#now = Math.max(this.#now, next)
    const firing = this.#timers.filter((timer) => Math.max(timer.at, timer.owner.asleepUntil) <= this.#now)
    this.#timers = this.#timers.filter((timer) => !firing.includes(timer))
    for (const timer of firing.sort((a, b) => a.at - b.at || a.order - b.order)) timer.fire()
    return true
  }
}
