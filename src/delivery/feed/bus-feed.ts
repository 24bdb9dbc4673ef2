import type { BusConsumer, PartitionRef, ReceivedMessage, Subscription } from '../../contract/bus.ts'
import type { Clock } from '../../contract/clock.ts'
import type { JournalPosition } from '../../journal/event.ts'
import type { ShardLease } from '../store.ts'
import { type FedEvent, ShardBuffer } from './shard-buffer.ts'

export interface BusFeedOptions {
  /** Consumers of one target and installation are one group. */
  group: string
  topic: string
  /** Messages of one shard that are on their way at a time. */
  batchMax: number
  prefetchMax: number
  /** Turns a message into an event; undefined: not one of ours, or not to be read, and the journal has it. */
  read(message: ReceivedMessage): FedEvent | undefined
  subscribe(subscription: Subscription): Promise<BusConsumer>
  clock: Clock
  /** A bus that gave this worker nothing for so long says nothing any more: shards are shared without it. */
  silentMs: number
  onTrouble?(error: unknown): void
}

/** What the feed needs of its worker. */
export interface FedWorker {
  wake(): void
  /** Resolves when the worker holds nothing that the bus has given to another. */
  reclaim(): Promise<void>
}

/** The shard of this consumer was given to another one. */
export class ShardRevoked extends Error {
  override readonly name = 'ShardRevoked'
}

/**
 * The events of one worker, as the bus assigns and brings them: partition = shard. Offsets are acknowledged after delivery's own
 * commit has moved the cursor, never before; the cursor in PostgreSQL stays the truth.
 */
export class BusFeed {
  readonly #options: BusFeedOptions
  readonly #buffers = new Map<number, ShardBuffer>()
  #assigned: Set<number> | undefined
  /** Since when the bus gives this worker nothing, though it did before. */
  #emptySince: number | undefined
  #consumer: BusConsumer | undefined
  #wantsPart = false
  #isOver = false
  /** Joining and leaving, one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #worker: FedWorker | undefined

  constructor(options: BusFeedOptions) {
    this.#options = options
  }

  /** Who is told of new messages, and gives leases back before another consumer gets the shards. */
  feedWorker(worker: FedWorker): void {
    this.#worker = worker
  }

  /** Takes part in the group from now on; repeating it changes nothing. Fails quietly while the broker is away: it is asked again. */
  join(): void {
    if (this.#wantsPart || this.#isOver) return
    this.#wantsPart = true
    this.#turn = this.#turn.then(() => this.#subscribe())
  }

  /** Leaves its shards to the others, as long as it may not send anything. */
  leave(): void {
    if (!this.#wantsPart) return
    this.#wantsPart = false
    this.#turn = this.#turn.then(() => this.#unsubscribe(new ShardRevoked('the worker may send nothing for now')))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    this.leave()
    await this.#turn
  }

  async #subscribe(): Promise<void> {
    // It may have left again meanwhile, or have joined twice while the broker was away.
    if (!this.#wantsPart || this.#consumer) return
    try {
      await this.#start()
    } catch (error) {
      this.#wantsPart = false
      this.#options.onTrouble?.(error)
    }
  }

  async #unsubscribe(reason: Error): Promise<void> {
    const consumer = this.#consumer
    this.#consumer = undefined
    this.#drop([...this.#buffers.keys()], reason)
    await consumer?.close().catch((error: unknown) => this.#options.onTrouble?.(error))
    this.#assigned = undefined
    this.#emptySince = undefined
  }

  async #start(): Promise<void> {
    const { group, topic, batchMax, prefetchMax, onTrouble } = this.#options
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
  }

  /** The shards that the bus gave to this worker; undefined while the bus says nothing, as when the broker is away. */
  get assigned(): ReadonlySet<number> | undefined {
    const { clock, silentMs } = this.#options
    const isSilent = this.#emptySince !== undefined && clock.now() - this.#emptySince >= silentMs
    return isSilent ? undefined : this.#assigned
  }

  bufferOf(shard: number): ShardBuffer {
    const known = this.#buffers.get(shard)
    if (known) return known
    const made = new ShardBuffer()
    this.#buffers.set(shard, made)
    return made
  }

  /** Delivery's commit is durable: what lies before these cursors is acknowledged. */
  advance(leases: readonly ShardLease[], cursors: ReadonlyMap<number, JournalPosition>): void {
    for (const { shard } of leases) {
      const cursor = cursors.get(shard)
      if (cursor) this.#buffers.get(shard)?.advance(cursor)
    }
  }

  async #take(messages: readonly ReceivedMessage[], shard: number, signal: AbortSignal): Promise<void> {
    const events = messages.map(this.#options.read).filter((fed) => fed !== undefined)
    const settled = this.bufferOf(shard).add(events)
    const revoked = () => this.#drop([shard], new ShardRevoked(`shard ${shard} was given to another consumer`))
    signal.addEventListener('abort', revoked, { once: true })
    if (signal.aborted) revoked()
    this.#worker?.wake()
    await settled.finally(() => signal.removeEventListener('abort', revoked))
  }

  async #assign(partitions: readonly PartitionRef[]): Promise<void> {
    this.#assigned = new Set([...(this.#assigned ?? []), ...partitions.map(({ partition }) => partition)])
    this.#emptySince = undefined
    void this.#worker?.reclaim()
  }

  async #revoke(partitions: readonly PartitionRef[]): Promise<void> {
    const shards = partitions.map(({ partition }) => partition)
    for (const shard of shards) this.#assigned?.delete(shard)
    if (this.#assigned?.size === 0) this.#emptySince ??= this.#options.clock.now()
    this.#drop(shards, new ShardRevoked('the shards were given to another consumer'))
    // Fences keep order and one effect even where this does not come to its end; it only spares the next one the wait.
    await this.#worker?.reclaim()
  }

  #drop(shards: readonly number[], reason: Error): void {
    for (const shard of shards) {
      this.#buffers.get(shard)?.drop(reason)
      this.#buffers.delete(shard)
    }
  }
}
