import type { Clock } from '../contract/clock.ts'
import { Problem } from '../contract/problem.ts'

export interface GroupedCallsOptions {
  /** Entries in one statement. */
  groupSizeMax: number
  /** Groups on their way at the same time. */
  groupsInFlightMax: number
  /** Entries that wait; beyond it a call is told so instead of being answered late. */
  queueMax: number
  /** Longest wait for a group; then an entry is taken out and refused. Default: as long as it takes. */
  answerWithinMs?: number
  clock: Clock
}

interface Waiting<Entry, Result> {
  entry: Entry
  lane: string
  /** Later entries have later ones, so those whose time is over stand in front. */
  endsAtMs: number
  resolve(result: Result): void
  reject(error: unknown): void
}

/**
 * Lets concurrent calls share a statement and a commit. There is no timer: while a group is on its way the next one gathers, so
 * a lone call waits for nobody and a busy hub forms large groups by itself.
 */
export class GroupedCalls<Entry, Result> {
  readonly #settled = new AbortController()
  #isWatching = false
  #waiting: Waiting<Entry, Result>[] = []
  #inFlight = 0
  #idle: (() => void)[] = []
  /** Lanes of the groups on their way. Two commits have no order between them, so a lane is never in both. */
  readonly #busyLanes = new Set<string>()
  readonly #work: (entries: Entry[]) => Promise<(Result | Error)[]>
  readonly #options: GroupedCallsOptions

  /** `work` answers every entry of a group, with a result or with that entry's own error; what it throws is everybody's. */
  constructor(work: (entries: Entry[]) => Promise<(Result | Error)[]>, options: GroupedCallsOptions) {
    this.#work = work
    this.#options = options
  }

  /** Entries that wait for a group. */
  get depth(): number {
    return this.#waiting.length
  }

  /** Entries of one lane (the receipts of one till) go in the order in which they were added. */
  add(entry: Entry, lane: string): Promise<Result> {
    if (this.#waiting.length >= this.#options.queueMax) {
      return Promise.reject(new Problem('temporary-reduced-capacity'))
    }
    const { clock, answerWithinMs = Number.POSITIVE_INFINITY } = this.#options
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, lane, endsAtMs: clock.now() + answerWithinMs, resolve, reject })
      if (Number.isFinite(answerWithinMs)) void this.#watch(answerWithinMs)
      if (this.#waiting.length === 1) setImmediate(() => this.#flush())
    })
  }

  /** Resolves when nothing waits and nothing is on its way. */
  async settled(): Promise<void> {
    if (this.#waiting.length > 0 || this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    this.#settled.abort()
  }

  /**
   * Refuses in time what waits too long. One timer for all, which sleeps on while the queue is empty now and then: a timer of its own
   * for every entry would cost more than most of them wait.
   */
  async #watch(answerWithinMs: number): Promise<void> {
    if (this.#isWatching) return
    this.#isWatching = true
    let sleepMs = answerWithinMs
    while (!this.#settled.signal.aborted) {
      await this.#options.clock.sleep(sleepMs, this.#settled.signal)
      this.#refuseLate()
      const [first] = this.#waiting
      if (!first) break
      sleepMs = Math.max(1, first.endsAtMs - this.#options.clock.now())
    }
    this.#isWatching = false
  }

  /**
   * Takes out what has waited its time, before a group is made too: a process that was frozen must not record what its sender has
   * given up. What is on its way to the commit stays, and is answered by what becomes of it.
   */
  #refuseLate(): void {
    const nowMs = this.#options.clock.now()
    const late = this.#waiting.findIndex(({ endsAtMs }) => endsAtMs > nowMs)
    for (const { reject } of this.#waiting.splice(0, late === -1 ? this.#waiting.length : late))
      reject(new Problem('temporary-reduced-capacity'))
    this.#tellIdle()
  }

  #tellIdle(): void {
    if (this.#waiting.length === 0 && this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #flush(): void {
    this.#refuseLate()
    while (this.#waiting.length > 0 && this.#inFlight < this.#options.groupsInFlightMax) {
      const group = this.#takeGroup()
      if (group.length === 0) return
      for (const { lane } of group) this.#busyLanes.add(lane)
      this.#inFlight += 1
      void this.#run(group)
    }
  }

  /** The first entries whose lanes are free; the others keep their places. */
  #takeGroup(): Waiting<Entry, Result>[] {
    const group: Waiting<Entry, Result>[] = []
    const rest: Waiting<Entry, Result>[] = []
    for (const waiting of this.#waiting) {
      const goes = group.length < this.#options.groupSizeMax && !this.#busyLanes.has(waiting.lane)
      if (goes) group.push(waiting)
      else rest.push(waiting)
    }
    this.#waiting = rest
    return group
  }

  async #run(group: Waiting<Entry, Result>[]): Promise<void> {
    try {
      const results = await this.#work(group.map((waiting) => waiting.entry))
      group.forEach((waiting, index) => {
        const result = results[index]
        if (result instanceof Error) waiting.reject(result)
        else waiting.resolve(result as Result)
      })
    } catch (error) {
      for (const waiting of group) waiting.reject(error)
    } finally {
      for (const { lane } of group) this.#busyLanes.delete(lane)
      this.#inFlight -= 1
      this.#flush()
      this.#tellIdle()
    }
  }
}
