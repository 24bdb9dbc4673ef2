import type { BusConsumer, PartitionRef, ReceivedMessage, Subscription } from '../../contract/bus.ts'
import type { Clock } from '../../contract/clock.ts'
import { BusFeed } from './bus-feed.ts'
import type { FedEvent } from './shard-buffer.ts'

export interface SharedConsumerOptions {
  /** Processes of one installation are one group. */
  group: string
  topic: string
  /** Messages of one shard that are on their way at a time. */
  batchMax: number
  prefetchMax: number
  /** Turns a message into an event; undefined: not one of ours, or not to be read, and the journal has it. */
  read(message: ReceivedMessage): FedEvent | undefined
  subscribe(subscription: Subscription): Promise<BusConsumer>
  clock: Clock
  /** A bus that gave this process nothing for so long says nothing any more: shards are shared without it. */
  silentMs: number
  /** So long the others wait for a target that settles later than the first one, before it is left to the journal. */
  patienceMs: number
  onTrouble?(error: unknown): void
}

/** The shard of this process was given to another one. */
export class ShardRevoked extends Error {
  override readonly name = 'ShardRevoked'
}

/**
 * The one consumer of a process: every event comes and is read once, whatever number of targets it goes to. The shards that the bus gives
 * to the process are its workers' for every target. Offsets are acknowledged when all targets have settled; one that is paused or much
 * slower than the others is not waited for, finds that events are missing, and reads them in the journal.
 */
export class SharedConsumer {
  readonly #options: SharedConsumerOptions
  /** By target. */
  readonly #feeds = new Map<string, BusFeed[]>()
  #assigned: Set<number> | undefined
  /** Since when the bus gives this process nothing, though it did before. */
  #emptySince: number | undefined
  #consumer: BusConsumer | undefined
  #isOver = false
  /** Joining and leaving, one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #turnsAhead = 0

  constructor(options: SharedConsumerOptions) {
    this.#options = options
  }

  /** A feed for one more worker of a target; all of them before the first one takes part. */
  openFeed(target: string): BusFeed {
    const feed = new BusFeed({ change: () => this.#change(), assignedTo: (one) => this.#assignedTo(target, one) })
    this.#feeds.set(target, [...(this.#feeds.get(target) ?? []), feed])
    return feed
  }

  async stop(): Promise<void> {
    this.#isOver = true
    this.#change()
    await this.#turn
  }

  get #isWanted(): boolean {
    return !this.#isOver && this.#all().some((feed) => feed.takesPart)
  }

  #all(): BusFeed[] {
    return [...this.#feeds.values()].flat()
  }

  #change(): void {
    if (this.#isWanted === (this.#consumer !== undefined) && this.#turnsAhead === 0) return
    this.#turnsAhead += 1
    this.#turn = this.#turn.then(async () => {
      this.#turnsAhead -= 1
      if (this.#isWanted && !this.#consumer) await this.#subscribe()
      else if (!this.#isWanted && this.#consumer) await this.#unsubscribe(this.#consumer)
    })
  }

  async #subscribe(): Promise<void> {
    const { group, topic, batchMax, prefetchMax, onTrouble } = this.#options
    try {
      this.#consumer = await this.#options.subscribe({
        group,
        topics: [topic],
        batchMax,
        prefetchMax,
        onMessages: (messages, { partition }, signal) => this.#take(messages, partition, signal),
        onAssigned: (partitions) => this.#assign(partitions),
        onRevoked: (partitions) => this.#revoke(partitions),
        ...(onTrouble && { onTrouble }),
      })
    } catch (error) {
      onTrouble?.(error)
    }
  }

  async #unsubscribe(consumer: BusConsumer): Promise<void> {
    this.#consumer = undefined
    for (const feed of this.#all()) feed.drop([...(this.#assigned ?? [])])
    await consumer.close().catch((error: unknown) => this.#options.onTrouble?.(error))
    this.#assigned = undefined
    this.#emptySince = undefined
  }

  #assignedTo(target: string, feed: BusFeed): ReadonlySet<number> | undefined {
    const { clock, silentMs } = this.#options
    const isSilent = this.#emptySince !== undefined && clock.now() - this.#emptySince >= silentMs
    if (isSilent || !this.#assigned) return undefined
    return new Set([...this.#assigned].filter((shard) => this.#feedOf(target, shard) === feed))
  }

  /** The workers of a target share the shards of their process, whichever it has. */
  #feedOf(target: string, shard: number): BusFeed | undefined {
    const feeds = this.#feeds.get(target) ?? []
    return feeds[(Math.imul(shard, 0x9e3779b1) >>> 16) % feeds.length]
  }

  async #take(messages: readonly ReceivedMessage[], shard: number, taken: AbortSignal): Promise<void> {
    const events = messages.map(this.#options.read).filter((fed) => fed !== undefined)
    const feeds = [...this.#feeds.keys()].flatMap((target) => this.#feedOf(target, shard) ?? [])
    const drop = () => {
      for (const feed of feeds) feed.drop([shard])
    }
    taken.addEventListener('abort', drop, { once: true })
    try {
      await this.#settled(feeds.flatMap((feed) => feed.offer(shard, events) ?? []))
    } finally {
      taken.removeEventListener('abort', drop)
    }
    if (taken.aborted || this.#isOver || !this.#isWanted) throw new ShardRevoked(`shard ${shard} is not ours any more`)
  }

  /** All targets are waited for, but none for much longer than the first. */
  async #settled(offers: readonly Promise<void>[]): Promise<void> {
    if (offers.length === 0) return
    const over = new AbortController()
    const all = Promise.all(offers)
    await Promise.race(offers)
    const patience = this.#options.clock.sleep(this.#options.patienceMs, over.signal)
    await Promise.race([all, patience]).finally(() => over.abort('over'))
  }

  async #assign(partitions: readonly PartitionRef[]): Promise<void> {
    this.#assigned = new Set([...(this.#assigned ?? []), ...partitions.map(({ partition }) => partition)])
    this.#emptySince = undefined
    for (const feed of this.#all()) void feed.reclaim()
  }

  async #revoke(partitions: readonly PartitionRef[]): Promise<void> {
    const shards = partitions.map(({ partition }) => partition)
    for (const shard of shards) this.#assigned?.delete(shard)
    if (this.#assigned?.size === 0) this.#emptySince ??= this.#options.clock.now()
    for (const feed of this.#all()) feed.drop(shards)
    // Fences keep order and one effect even where this does not come to its end; it only spares the next one the wait.
    await Promise.all(this.#all().map((feed) => feed.reclaim()))
  }
}
