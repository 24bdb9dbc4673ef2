import { ClassTurns } from './guards/class-turns.ts'
import { TargetGuard } from './guards/target-guard.ts'
import { runCycle } from './run-cycle.ts'
import { Slots } from './slots.ts'
import type { Settlement, ShardLease, TargetGate } from './store.ts'
import type { Target, TargetRun, WorkerTools } from './target.ts'

export interface WorkerOptions {
  leaseMs: number
  /** The longest wait for a wake-up that did not come. */
  pollMs: number
}

/** Workers that one process runs for one target: while one waits for its commit, the other delivers. */
export const workersPerTarget = 2

/** The rest of a worker that has nothing to do while a replay goes on: its rate lets some more go soon. */
const replayRestMs = 50

/**
 * Delivers to one target for as long as the process lives: holds leases, runs cycles, rests. A worker that is too late to
 * renew simply stops; whoever takes the shard has a higher fence, and nothing this one still writes has an effect.
 */
export class TargetWorker {
  readonly #run: TargetRun
  readonly #options: WorkerOptions
  readonly #stop = new AbortController()
  #wake = new AbortController()
  #leases: ShardLease[] = []
  #leasesUntil = 0
  #claimAt = 0
  #entriesLookedAt = Number.NEGATIVE_INFINITY
  #entriesRemain = true
  #wasOpen = false
  #gate: TargetGate = { isPaused: false, resumesCount: 0 }
  /** Claims of this worker may be on disk that it will not settle: only a new fence makes them due again. */
  #needsNewFence = false
  /** Told when leases were claimed anew, after the cycle that was on its way. */
  #awaitingClaim: (() => void)[] = []

  constructor(target: Target, tools: WorkerTools, options: WorkerOptions) {
    const { targetId, policy } = target
    const { clock, random } = tools
    const onRateWait = (waitedMs: number) => tools.onRateWait?.(target, waitedMs)
    this.#run = {
      target,
      tools,
      guard: new TargetGuard({ targetId, policy, store: tools.store.guards, clock, random, onRateWait }),
      turns: new ClassTurns(),
      slots: new Slots(),
      stragglers: new Map(),
      resumesCount: 0,
      gone: undefined,
      // An attempt may take until its timeout, and must be over before anybody else can hold the lane.
      leasesHold: () => tools.clock.now() + target.policy.attemptTimeoutMs <= this.#leasesUntil,
    }
    this.#options = options
  }

  /** Makes this worker known before it runs. */
  announce(): Promise<void> {
    const { store, workerId } = this.#run.tools
    return store.announce(workerId)
  }

  /** There may be something new in the journal. */
  wake(): void {
    // With a reason of our own no exception with a stack is made.
    this.#wake.abort('wake')
  }

  /** Other shards are this worker's now: resolves when it has given back what is not, after the cycle that is on its way. */
  reclaim(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve()
    const claimed = new Promise<void>((resolve) => this.#awaitingClaim.push(resolve))
    this.wake()
    return claimed
  }

  /** Ends after the cycle that is on its way, gives the leases back. */
  stop(): void {
    this.#stop.abort()
    this.#wake.abort()
  }

  /** Runs until `stop`. Errors of the store are logged and waited out. */
  async run(): Promise<void> {
    const { target, tools } = this.#run
    let failures = 0
    while (!this.#stop.signal.aborted) {
      try {
        await this.runOnce()
        failures = 0
      } catch (error) {
        failures += 1
        tools.logger.warn({ target: target.name, error: String(error), failures }, 'delivery cycle failed')
        this.#needsNewFence = true
        await tools.clock.sleep(Math.min(100 * 2 ** failures, 5_000), this.#stop.signal)
      }
    }
    await this.#giveBack().catch((error: unknown) =>
      tools.logger.debug({ error: String(error) }, 'leases run out by themselves'),
    )
    for (const tell of this.#awaitingClaim.splice(0)) tell()
  }

  /** One round: leases, a cycle, and the rest that follows from it. */
  async runOnce(): Promise<void> {
    const { tools, guard, slots } = this.#run
    this.#wake = new AbortController()
    await this.#keepLeases()
    const [isPaused] = await Promise.all([this.#isPaused(), guard.refresh()])
    if (isPaused) {
      // What was held back has no schedule of its own.
      this.#entriesRemain = true
      await this.#feedReplay(false)
      await tools.clock.sleep(this.#options.pollMs, this.#wake.signal)
      return
    }
    await this.#noteBreaker()
    const restMs = guard.restMs()
    if (restMs > 0) {
      this.#entriesRemain = true
      await this.#feedReplay(false)
      await tools.clock.sleep(Math.min(restMs, this.#options.pollMs), this.#stop.signal)
      return
    }
    await this.#feedReplay(!guard.isOpen && this.#gate.drainUntilXid === undefined && this.#leases.length > 0)
    const touched = this.#leases.length > 0 && slots.size > 0 ? await this.#cycle() : 0
    if (touched > 0) return
    await this.#endDrain()
    const { pollMs } = this.#options
    await tools.clock.sleep(this.#gate.isReplaying ? Math.min(pollMs, replayRestMs) : pollMs, this.#wake.signal)
  }

  async #isPaused(): Promise<boolean> {
    const { target, tools, gone } = this.#run
    if (gone) {
      await tools.store.pauseGone(target.targetId, gone)
      tools.logger.error({ target: target.name, reason: gone.reason }, 'the target is gone and was paused')
      this.#run.gone = undefined
    }
    this.#gate = await tools.store.readPause(target.targetId)
    this.#run.resumesCount = this.#gate.resumesCount
    return this.#gate.isPaused
  }

  /**
   * Events of a replay become entries here, where nothing of this worker's lanes is under way but what has an entry itself. What has
   * come to its end is written down also while the target takes nothing, so that a replay is told as it is, and an abort ends.
   */
  async #feedReplay(letsGo: boolean): Promise<void> {
    const { target, tools } = this.#run
    if (!this.#gate.isReplaying) return
    const request = {
      targetId: target.targetId,
      workerId: tools.workerId,
      leases: this.#leases,
      features: target.connection.features,
      strictOrder: target.policy.strictOrder,
      letsGo,
    }
    try {
      const fed = await tools.store.feedReplay?.(request)
      if (!fed) return
      if (fed.released > 0) this.#expectEntries()
      tools.onReplayed?.(target, fed)
    } catch (error) {
      // Live events do not wait for a replay, but where only the answer was lost, items are in their lanes and go before them.
      this.#expectEntries()
      tools.logger.warn({ target: target.name, error: String(error) }, 'a replay could not go on')
    }
  }

  /** Whatever was said of them before this cycle. */
  #expectEntries(): void {
    this.#entriesRemain = true
    const { hasEntries: _, ...gate } = this.#gate
    this.#gate = gate
  }

  async #endDrain(): Promise<void> {
    const { drainUntilXid } = this.#gate
    const { target, tools } = this.#run
    if (drainUntilXid !== undefined)
      await tools.store.endDrain?.(target.targetId, drainUntilXid, target.policy.strictOrder)
  }

  async #cycle(): Promise<number> {
    const { tools } = this.#run
    // Asked after the leases were claimed: since then, only what this worker does itself makes entries of its shards out of nothing.
    const lookForEntries =
      this.#gate.hasEntries !== false &&
      (this.#entriesRemain || tools.clock.now() - this.#entriesLookedAt >= this.#options.pollMs)
    const leases = this.#leases
    const cycleOver = new AbortController()
    const heartbeat = this.#renewUntil(cycleOver.signal)
    const { drainUntilXid: untilXid } = this.#gate
    const state = { leases, lookForEntries, ...(untilXid !== undefined && { untilXid }) }
    const report = await runCycle(this.#run, state, (settlement) => this.#settleStraggler(settlement, leases)).finally(
      () => cycleOver.abort('over'),
    )
    await heartbeat
    if (lookForEntries) this.#entriesLookedAt = tools.clock.now()
    this.#entriesRemain = report.entriesRemain
    this.#leases = this.#leases
      .filter((lease) => !report.lostShards.has(lease.shard))
      .map((lease) => ({ ...lease, cursor: report.cursors.get(lease.shard) ?? lease.cursor }))
    // The shard that was read first goes to the end of the line.
    const [first, ...others] = this.#leases
    if (first) this.#leases = [...others, first]
    return report.touched
  }

  async #keepLeases(): Promise<void> {
    if (this.#needsNewFence) await this.#giveBack()
    const awaiting = this.#awaitingClaim.length
    if (awaiting === 0 && this.#run.tools.clock.now() < this.#claimAt) return
    const held = new Map(this.#leases.map((lease) => [lease.shard, lease]))
    this.#leases = await this.#claim(false)
    for (const tell of this.#awaitingClaim.splice(0, awaiting)) tell()
    if (this.#leases.some((lease) => held.get(lease.shard)?.fence !== lease.fence)) this.#entriesRemain = true
  }

  async #claim(renewOnly: boolean): Promise<ShardLease[]> {
    const { target, tools, slots, stragglers } = this.#run
    const { leaseMs } = this.#options
    // Counted from before the question was asked, so that this clock ends the lease earlier than the store's.
    const now = tools.clock.now()
    const { targetId, policy } = target
    const { workerId } = tools
    // Somebody else may have them by now.
    if (now >= this.#leasesUntil) slots.resize(0)
    const { count, isFair, allHave } = await tools.store.guards.claimPermits({
      targetId,
      workerId,
      permitsMax: policy.concurrencyMax,
      ceiling: slots.ceiling,
      leaseMs,
    })
    slots.resize(count)
    const leases = await tools.store.claimShards({
      targetId,
      workerId,
      leaseMs,
      renewOnly,
      busy: new Set(stragglers.values()),
      workersMax: count > 0 ? policy.concurrencyMax : 0,
      allMaySend: allHave,
    })
    this.#leasesUntil = now + leaseMs
    this.#claimAt = now + Math.min(leaseMs / 3, isFair ? leaseMs : this.#options.pollMs)
    return leases
  }

  /** Keeps the leases alive while a cycle takes longer than a third of them. */
  async #renewUntil(over: AbortSignal): Promise<void> {
    const { clock, logger } = this.#run.tools
    while (!over.aborted) {
      await clock.sleep(Math.max(this.#claimAt - clock.now(), this.#options.leaseMs / 30), over)
      if (over.aborted) return
      if (clock.now() >= this.#leasesUntil) {
        // Who waits for a place is held back, and finds that its shard is somebody else's.
        this.#run.slots.resize(0)
        return
      }
      await this.#claim(true).catch((error: unknown) =>
        logger.warn({ error: String(error) }, 'leases could not be renewed'),
      )
    }
  }

  async #settleStraggler(settlement: Settlement, leases: readonly ShardLease[]): Promise<void> {
    const { target, tools, guard } = this.#run
    const lease = leases.find((one) => one.shard === settlement.event.shard)
    if (!lease) return
    try {
      const commit = {
        targetId: target.targetId,
        workerId: tools.workerId,
        leases: [lease],
        cursors: new Map(),
        settlements: [settlement],
      }
      const held = await tools.store.commit(commit)
      if (held.has(lease.shard)) tools.onSettled?.(target, settlement)
      await guard.report()
      this.#entriesRemain = true
      // The shard may have been kept for this answer only.
      this.#claimAt = 0
      this.wake()
    } catch (error) {
      this.#needsNewFence = true
      tools.logger.warn({ target: target.name, error: String(error) }, 'a late answer could not be settled')
    }
  }

  /** Gives all leases back when nothing is on the line any more. */
  async #giveBack(): Promise<void> {
    const { target, tools, stragglers, slots } = this.#run
    this.#leases = []
    await Promise.allSettled(stragglers.keys())
    await tools.store.guards.releasePermits(target.targetId, tools.workerId)
    slots.resize(0)
    await tools.store.releaseShards(target.targetId, tools.workerId)
    this.#needsNewFence = false
    this.#claimAt = 0
  }

  /** Somebody, perhaps in another process, opened or closed the breaker. */
  async #noteBreaker(): Promise<void> {
    const { target, tools, guard } = this.#run
    if (guard.isOpen === this.#wasOpen) return
    if (guard.isOpen) tools.logger.warn({ target: target.name }, 'the target seems down, it is only probed')
    else {
      tools.logger.info({ target: target.name }, 'the target answers again')
      await tools.store.hastenRetries(target.targetId, this.#leases)
      this.#entriesRemain = true
    }
    this.#wasOpen = guard.isOpen
    tools.onHealth?.(target, tools.workerId, guard.isOpen)
  }
}

/** Runs workers that start together until each is stopped; all of them are known before the first one claims. */
export async function runWorkers(workers: readonly TargetWorker[]): Promise<void> {
  // Where the store is away now, sharing begins one lease later.
  await Promise.allSettled(workers.map((worker) => worker.announce()))
  await Promise.all(workers.map((worker) => worker.run()))
}
