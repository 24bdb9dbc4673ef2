import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { BusFailure, type Subscription } from '../../contract/bus.ts'
import { systemClock } from '../../contract/clock.ts'
import { toBusFailure } from './bus-failure.ts'
import { HeldPartition } from './held-partition.ts'
import { keyOf, Membership } from './membership.ts'
import { type Lease, readMessages, type StoredMessage } from './queries.ts'

export interface ConsumerLimits {
  leaseMs: number
  pollMs: number
  prefetchBytesMax: number
}

const troubleRestMs = 250

/**
 * One consumer of a group. A single loop keeps leases, commits what calls have acknowledged and begins new calls, so that
 * none of these happens at the same time; only the calls themselves run beside it, one for each partition at most.
 */
export class PostgresConsumer {
  readonly #pool: Pool
  readonly #subscription: Subscription
  readonly #limits: ConsumerLimits
  readonly #held = new Map<string, HeldPartition>()
  #wake = new AbortController()
  #renewAt = 0
  #expiry: NodeJS.Timeout | undefined
  #isClosing = false
  #running: Promise<void> | undefined

  constructor(pool: Pool, subscription: Subscription, limits: ConsumerLimits) {
    this.#pool = pool
    this.#subscription = subscription
    this.#limits = limits
  }

  async start(): Promise<void> {
    const { group, topics } = this.#subscription
    const { rows } = await this.#pool.query<{ topic_id: number }>(
      'select topic_id from bus_topics where topic = any($1::text[])',
      [topics],
    )
    if (rows.length < new Set(topics).size) throw new BusFailure('there is no such topic', { isTransient: false })
    const topicIds = rows.map((row) => row.topic_id)
    const membership = new Membership(this.#pool, {
      group,
      topicIds,
      memberId: randomUUID(),
      leaseMs: this.#limits.leaseMs,
    })
    await membership.join()
    this.#running = this.#run(membership)
  }

  /** There may be messages, or other consumers. */
  wake(haveMembersChanged: boolean): void {
    if (haveMembersChanged) this.#renewAt = 0
    this.#wake.abort()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#wake.abort()
    await this.#running
  }

  async #run(membership: Membership): Promise<void> {
    let closeBy = Number.POSITIVE_INFINITY
    while (!this.#isClosing || this.#callsCount() > 0 || this.#hasEnded()) {
      this.#wake = new AbortController()
      try {
        await this.#keepPartitions(membership)
        await this.#acknowledge(membership)
        const begun = this.#isClosing ? 0 : await this.#beginCalls()
        if (begun > 0 || this.#hasEnded()) continue
        if (this.#isClosing && this.#callsCount() === 0) break
        await systemClock.sleep(this.#restMs(), this.#wake.signal)
      } catch (error) {
        this.#tell(toBusFailure('the bus cannot be read', error))
        // What cannot be committed comes again: a close does not wait for a database that is away.
        if (this.#isClosing) closeBy = Math.min(closeBy, Date.now() + this.#limits.leaseMs)
        if (Date.now() > closeBy && this.#callsCount() === 0) break
        await systemClock.sleep(troubleRestMs)
      }
    }
    clearTimeout(this.#expiry)
    await membership.leave().catch((error) => this.#tell(toBusFailure('the group could not be left', error)))
    await this.#drop([...this.#held.values()])
  }

  async #keepPartitions(membership: Membership): Promise<void> {
    if (Date.now() < this.#renewAt) return
    const { leaseMs } = this.#limits
    this.#renewAt = Date.now() + leaseMs / 3
    const renewed = new Map((await membership.renew()).map((lease) => [keyOf(lease), lease]))
    this.#expireIn(leaseMs)
    await this.#drop([...this.#held.values()].filter(({ key, lease }) => renewed.get(key)?.fence !== lease.fence))
    if (this.#isClosing) return
    // Ours all the same, so that nobody else reads them: an answer was lost, or it could not be begun or given back.
    await this.#begin([...renewed.values()].filter((lease) => !this.#held.has(keyOf(lease))))
    const taken: Lease[] = []
    for (const [topicId, share] of await membership.shares()) {
      const mine = [...this.#held.values()].filter(({ lease }) => lease.topicId === topicId)
      for (const one of mine) one.isLeaving = false
      // Those without a call can go at once.
      const extra = mine.sort((a, b) => Number(a.isBusy) - Number(b.isBusy)).slice(0, Math.max(0, mine.length - share))
      for (const one of extra) one.isLeaving = true
      if (mine.length < share) taken.push(...(await membership.take(topicId, share - mine.length)))
    }
    await this.#releaseLeaving(membership)
    await this.#begin(taken)
  }

  async #begin(leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return
    try {
      await this.#subscription.onAssigned?.(leases.map(({ topic, partition }) => ({ topic, partition })))
    } catch (error) {
      // They are ours and nobody reads them: tried again at once, not when the lease is prolonged.
      this.#renewAt = 0
      throw error
    }
    for (const lease of leases) this.#held.set(keyOf(lease), new HeldPartition(lease))
  }

  /** Calls are told when nobody could prolong their lease in time: another consumer may have it by now. */
  #expireIn(leaseMs: number): void {
    clearTimeout(this.#expiry)
    this.#expiry = setTimeout(() => {
      for (const one of this.#held.values()) one.abort()
    }, leaseMs)
  }

  async #acknowledge(membership: Membership): Promise<void> {
    const ended = [...this.#held.values()].filter((one) => one.acknowledged !== undefined)
    if (ended.length > 0) {
      const moves = ended.map(({ lease, acknowledged }) => ({ lease, to: acknowledged ?? lease }))
      const moved = await membership.acknowledge(moves)
      for (const one of ended) one.settle()
      await this.#drop(ended.filter(({ key }) => !moved.has(key)))
    }
    await this.#releaseLeaving(membership)
  }

  async #releaseLeaving(membership: Membership): Promise<void> {
    const leaving = [...this.#held.values()].filter((one) => one.isLeaving && !one.isBusy)
    if (leaving.length === 0) return
    // Told before somebody else can have them.
    await this.#drop(leaving)
    await membership.release(leaving.map(({ lease }) => lease))
  }

  async #beginCalls(): Promise<number> {
    const { batchMax, prefetchMax } = this.#subscription
    const held = [...this.#held.values()]
    const messages = prefetchMax - held.reduce((sum, one) => sum + one.messagesCount, 0)
    const bytes = this.#limits.prefetchBytesMax - held.reduce((sum, one) => sum + one.bytesCount, 0)
    const now = Date.now()
    const idle = held.filter((one) => !one.isBusy && !one.isLeaving && one.restUntil <= now)
    if (idle.length === 0 || messages <= 0 || bytes <= 0) return 0
    const stored = await readMessages(
      this.#pool,
      idle.map(({ lease }) => lease),
      { ofEach: batchMax, inAll: messages, bytes },
    )
    const batches = new Map<string, StoredMessage[]>()
    for (const message of stored) {
      const batch = batches.get(keyOf(message)) ?? []
      batch.push(message)
      batches.set(keyOf(message), batch)
    }
    for (const [key, batch] of batches) {
      const one = this.#held.get(key)
      if (!one) continue
      // Who was served goes to the end of the line.
      this.#held.delete(key)
      this.#held.set(key, one)
      void one.call(batch, this.#subscription).then((failure) => {
        if (failure) this.#tell(failure)
        this.#wake.abort()
      })
    }
    return batches.size
  }

  async #drop(gone: readonly HeldPartition[]): Promise<void> {
    if (gone.length === 0) return
    for (const one of gone) {
      one.abort()
      this.#held.delete(one.key)
    }
    try {
      await this.#subscription.onRevoked?.(gone.map(({ lease: { topic, partition } }) => ({ topic, partition })))
    } catch (error) {
      // They are given up all the same: what is not released waits for the lease to end.
      this.#tell(toBusFailure('partitions were not given up well', error))
    }
  }

  #callsCount(): number {
    return [...this.#held.values()].filter((one) => one.messagesCount > 0).length
  }

  #hasEnded(): boolean {
    return [...this.#held.values()].some((one) => one.acknowledged !== undefined)
  }

  #restMs(): number {
    const now = Date.now()
    const retries = [...this.#held.values()].filter((one) => one.restUntil > now).map((one) => one.restUntil)
    return Math.max(1, Math.min(this.#limits.pollMs, this.#renewAt - now, ...retries.map((at) => at - now)))
  }

  #tell(failure: BusFailure): void {
    this.#subscription.onTrouble?.(failure)
  }
}
