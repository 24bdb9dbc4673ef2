import type { JournalPosition } from '../../journal/event.ts'
import type { ShardLease } from '../store.ts'
import { type FedEvent, ShardBuffer } from './shard-buffer.ts'

/** What the feed needs of its worker. */
export interface FedWorker {
  wake(): void
  /** Resolves when the worker holds nothing that the bus has given to another. */
  reclaim(): Promise<void>
}

/** What the feed needs of the consumer of its process. */
export interface FeedConsumer {
  /** A feed takes part, or does so no more. */
  change(): void
  assignedTo(feed: BusFeed): ReadonlySet<number> | undefined
}

/** With so many events of one shard waiting for a worker that is behind, no further batch is kept for it: the journal has them. */
const waitingMax = 200

/**
 * The events of one worker, as the consumer of its process brings them: partition = shard. What this worker has settled is told to the
 * consumer after delivery's own commit has moved the cursor, never before; the cursor in PostgreSQL stays the truth.
 */
export class BusFeed {
  readonly #consumer: FeedConsumer
  readonly #buffers = new Map<number, ShardBuffer>()
  #takesPart = false
  #worker: FedWorker | undefined

  constructor(consumer: FeedConsumer) {
    this.#consumer = consumer
  }

  /** Who is told of new messages, and gives leases back before another process gets the shards. */
  feedWorker(worker: FedWorker): void {
    this.#worker = worker
  }

  /** Whether its worker lives on the bus; otherwise on the journal alone. */
  get takesPart(): boolean {
    return this.#takesPart
  }

  /** Takes part from now on. To be repeated, as it fails quietly while the broker is away. */
  join(): void {
    this.#takesPart = true
    this.#consumer.change()
  }

  /** Takes part no more: nobody waits for what it holds. */
  leave(): void {
    if (!this.#takesPart) return
    this.#takesPart = false
    this.drop([...this.#buffers.keys()])
    this.#consumer.change()
  }

  /** The shards that the bus gave to this worker; undefined while the bus says nothing, as when the broker is away. */
  get assigned(): ReadonlySet<number> | undefined {
    return this.#takesPart ? this.#consumer.assignedTo(this) : undefined
  }

  bufferOf(shard: number): ShardBuffer {
    const known = this.#buffers.get(shard)
    if (known) return known
    const made = new ShardBuffer()
    this.#buffers.set(shard, made)
    return made
  }

  /** Keeps them for the worker; resolves when it has settled them, or will not do so any more. Undefined: it is not to be waited for. */
  offer(shard: number, events: readonly FedEvent[]): Promise<void> | undefined {
    if (!this.#takesPart) return undefined
    const buffer = this.bufferOf(shard)
    const { isBehind } = buffer
    if (isBehind && buffer.size >= waitingMax) return undefined
    const settled = buffer.add(events)
    this.#worker?.wake()
    return isBehind ? undefined : settled
  }

  /** Delivery's commit is durable: what lies before these cursors is settled. */
  advance(leases: readonly ShardLease[], cursors: ReadonlyMap<number, JournalPosition>): void {
    for (const { shard } of leases) {
      const cursor = cursors.get(shard)
      if (cursor) this.#buffers.get(shard)?.advance(cursor)
    }
  }

  /** These shards are somebody else's now. */
  drop(shards: readonly number[]): void {
    for (const shard of shards) {
      this.#buffers.get(shard)?.drop()
      this.#buffers.delete(shard)
    }
  }

  async reclaim(): Promise<void> {
    await this.#worker?.reclaim()
  }
}
