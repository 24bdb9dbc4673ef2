import { comparePositions } from '../../journal/compare-positions.ts'
import type { JournalEvent, JournalPosition } from '../../journal/event.ts'

/** An event as it came over the bus. */
export interface FedEvent {
  event: JournalEvent
  /** The one before it in its shard; undefined: the relay did not know. */
  previous: JournalPosition | undefined
}

interface Batch {
  last: JournalPosition
  resolve(): void
}

/**
 * What the bus has brought of one shard and one worker has not settled yet. A batch is settled when the cursor has passed
 * it; what comes twice is dropped; what is missing between two events is noticed, since each names the one before it.
 */
export class ShardBuffer {
  #events: FedEvent[] = []
  #batches: Batch[] = []

  get size(): number {
    return this.#events.length
  }

  /** What came before is not settled: nobody waits for it any more, or there would be nothing new. */
  get isBehind(): boolean {
    return this.#batches.length > 0
  }

  /** Resolves when delivery has settled all of them, or the shard was taken away. */
  add(events: readonly FedEvent[]): Promise<void> {
    const last = events.at(-1)?.event
    if (!last) return Promise.resolve()
    for (const fed of events) {
      const newest = this.#events.at(-1)
      // The relay repeats after a crash: what is here already comes from the first time.
      if (!newest || comparePositions(fed.event, newest.event) > 0) this.#events.push(fed)
    }
    return new Promise((resolve) => {
      const furthest = events.reduce((most, { event }) => (comparePositions(event, most) > 0 ? event : most), last)
      this.#batches.push({ last: furthest, resolve })
    })
  }

  /** The next events after the cursor, or `gap` where the bus cannot show that there was nothing between; none of `untilXid` and later. */
  next(cursor: JournalPosition, limit: number, untilXid?: string): JournalEvent[] | 'gap' {
    // What is repeated after it was settled is settled here.
    this.advance(cursor)
    const taken: JournalEvent[] = []
    let before = cursor
    const end = untilXid === undefined ? undefined : { xid: untilXid, position: '0' }
    for (const { event, previous } of this.#events.slice(0, limit)) {
      if (end && comparePositions(event, end) >= 0) break
      if (!previous || comparePositions(previous, before) > 0) return taken.length > 0 ? taken : 'gap'
      taken.push(event)
      before = event
    }
    return taken
  }

  /** Delivery has settled, or holds as entries, everything up to here. */
  advance(cursor: JournalPosition): void {
    const kept = this.#events.findIndex(({ event }) => comparePositions(event, cursor) > 0)
    this.#events = kept < 0 ? [] : this.#events.slice(kept)
    const done = this.#batches.filter(({ last }) => comparePositions(last, cursor) <= 0)
    this.#batches = this.#batches.filter(({ last }) => comparePositions(last, cursor) > 0)
    for (const batch of done) batch.resolve()
  }

  /** The shard is somebody else's now. */
  drop(): void {
    for (const batch of this.#batches) batch.resolve()
    this.#batches = []
    this.#events = []
  }
}
