import type { Bus, BusMessage } from '../../contract/bus.ts'
import type { Clock, RandomSource } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import type { JournalPosition } from '../event.ts'
import { shardsCount } from '../shard.ts'
import { inTime } from './in-time.ts'
import { type MessageOptions, toBusMessage, topicOf } from './message.ts'
import { publishConfirmed } from './publish-confirmed.ts'
import type { Leadership, RelayStore } from './store.ts'

export interface RelayLimits {
  /** Events of one batch; the cursor moves once for each. */
  batchEventsMax: number
  /** Publishes on their way at the same time, each for shards of its own. */
  publishesMax: number
  leaseMs: number
  /** Longest wait for a wake-up that did not come. */
  pollMs: number
  publishTimeoutMs: number
  backoffBaseMs: number
  backoffMaxMs: number
  retentionMs: number
}

export interface RelayTools {
  store: RelayStore
  bus: Bus
  message: MessageOptions
  /** Names this process; no other one may have the same. */
  owner: string
  clock: Clock
  random: RandomSource
  logger: Logger
  onPublished?(eventsCount: number): void
  onFailure?(error: unknown): void
}

/** Comes before the first event of every shard. */
const journalStart: JournalPosition = { xid: '0', position: '0' }

/** Events ready to be published: in parts, each with shards of its own. */
interface Batch {
  count: number
  last: JournalPosition | undefined
  parts: BusMessage[][]
}

/**
 * Takes the journal to a bus. One process has the lead at a time; the cursor moves only after the broker has confirmed, so that
 * after a crash some events are published again and none is skipped. A batch is published in parts, each with shards of its
 * own; the next batch is read meanwhile, and published when all of this one is confirmed: that keeps the order of every key.
 */
export class Relay {
  readonly #tools: RelayTools
  readonly #limits: RelayLimits
  readonly #stopped = new AbortController()
  #wake = new AbortController()
  #failures = 0

  constructor(tools: RelayTools, limits: RelayLimits) {
    this.#tools = tools
    this.#limits = limits
  }

  /** There may be something new. */
  wake(): void {
    this.#wake.abort()
  }

  stop(): void {
    this.#stopped.abort()
    this.#wake.abort()
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    const { store, owner, clock } = this.#tools
    const { signal } = this.#stopped
    while (!signal.aborted) {
      try {
        const asked = clock.now()
        const leadership = await store.lead(owner, this.#limits.leaseMs)
        if (!leadership) {
          await clock.sleep(this.#limits.leaseMs / 3, signal)
          continue
        }
        await this.#lead(leadership, asked + this.#limits.leaseMs)
      } catch (error) {
        await this.#rest(error, signal)
      }
    }
    await store.resign(owner).catch(() => {})
  }

  async #lead(leadership: Leadership, until: number): Promise<void> {
    const over = new AbortController()
    const stop = () => over.abort()
    this.#stopped.signal.addEventListener('abort', stop, { once: true })
    if (this.#stopped.signal.aborted) over.abort()
    const renewing = this.#renew(leadership.fence, until, over)
    try {
      await this.#prepare(over.signal)
      await this.#publishFrom(leadership, over.signal)
    } finally {
      this.#stopped.signal.removeEventListener('abort', stop)
      over.abort()
      await renewing
    }
  }

  /** Prolongs the lease by thirds; ends the lead when that has not been possible in time, or somebody else has it. */
  async #renew(fence: string, until: number, over: AbortController): Promise<void> {
    const { store, owner, clock, logger } = this.#tools
    const { leaseMs } = this.#limits
    let deadline = until
    while (!over.signal.aborted) {
      await clock.sleep(leaseMs / 3, over.signal)
      if (over.signal.aborted) return
      const asked = clock.now()
      if (asked >= deadline) return over.abort()
      try {
        const renewed = await store.lead(owner, leaseMs)
        if (renewed?.fence !== fence) return over.abort()
        deadline = asked + leaseMs
      } catch (error) {
        logger.warn({ error: String(error) }, 'the lead of the relay could not be prolonged')
      }
    }
  }

  async #prepare(signal: AbortSignal): Promise<void> {
    await this.#untilDone(signal, () => this.#prepareTopic(signal))
  }

  #prepareTopic(signal: AbortSignal): Promise<void> {
    const { bus, message, clock } = this.#tools
    const plan = { topic: topicOf(message), partitionsCount: shardsCount, retentionMs: this.#limits.retentionMs }
    return inTime(bus.prepareTopics([plan]), { clock, timeoutMs: this.#limits.publishTimeoutMs, signal })
  }

  async #publishFrom({ fence, cursor }: Leadership, signal: AbortSignal): Promise<void> {
    const { store, owner } = this.#tools
    const lastOfShard = await store.lastOfShards(cursor)
    let next = this.#read(cursor, lastOfShard)
    while (!signal.aborted) {
      const { count, last, parts } = await next
      if (!last) {
        await this.#tools.clock.sleep(this.#limits.pollMs, this.#wake.signal)
        next = this.#read(cursor, lastOfShard)
        continue
      }
      cursor = last
      // A batch that is not full was the end of the journal for now; asking again at once would find little.
      const isFull = count === this.#limits.batchEventsMax
      if (isFull) next = this.#read(cursor, lastOfShard)
      if (!(await this.#publish(parts, signal))) return
      if (!(await store.advance(owner, fence, cursor))) return
      this.#tools.onPublished?.(count)
      if (!isFull) next = this.#read(cursor, lastOfShard)
    }
  }

  #read(after: JournalPosition, lastOfShard: Map<number, JournalPosition>): Promise<Batch> {
    const { store, message } = this.#tools
    // From here on a wake-up tells of something that this read may not see.
    this.#wake = new AbortController()
    // Messages are made as soon as events are there, while the broker is busy with the batch before.
    const reading = store.read(after, this.#limits.batchEventsMax).then((events): Batch => {
      const parts: BusMessage[][] = Array.from({ length: this.#limits.publishesMax }, () => [])
      for (const event of events) {
        parts[event.shard % parts.length]?.push(
          toBusMessage(event, message, lastOfShard.get(event.shard) ?? journalStart),
        )
        lastOfShard.set(event.shard, { xid: event.xid, position: event.position })
      }
      const last = events.at(-1)
      return { count: events.length, last: last && { xid: last.xid, position: last.position }, parts }
    })
    // Whoever ends before looking at it must not end the process.
    reading.catch(() => {})
    return reading
  }

  /** True when the broker has confirmed all of them. */
  async #publish(parts: readonly BusMessage[][], signal: AbortSignal): Promise<boolean> {
    const { bus, clock, logger } = this.#tools
    const onWithoutData = ({ cloudEvent }: BusMessage) =>
      logger.warn({ eventId: cloudEvent?.id }, 'the broker refuses an event; it was published without its data')
    const limits = { clock, timeoutMs: this.#limits.publishTimeoutMs, signal, onWithoutData }
    const done = await Promise.all(
      parts
        .filter((part) => part.length > 0)
        .map((part) => {
          let tries = 0
          return this.#untilDone(signal, async () => {
            tries += 1
            // The topic itself may be gone, as after the broker lost its disk.
            if (tries > 1) await this.#prepareTopic(signal)
            await publishConfirmed(bus, part, limits)
          })
        }),
    )
    return done.every(Boolean)
  }

  /** Tries until it succeeds; false when the lead was over before. */
  async #untilDone(signal: AbortSignal, work: () => Promise<void>): Promise<boolean> {
    while (!signal.aborted) {
      try {
        await work()
        this.#failures = 0
        return true
      } catch (error) {
        await this.#rest(error, signal)
      }
    }
    return false
  }

  async #rest(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random, logger, onFailure } = this.#tools
    const { backoffBaseMs, backoffMaxMs } = this.#limits
    const ceiling = Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(this.#failures, 20))
    this.#failures += 1
    onFailure?.(error)
    logger.warn({ error: String(error), failures: this.#failures }, 'the relay could not go on and tries again')
    await clock.sleep(ceiling / 2 + (ceiling / 2) * random.next(), signal)
  }
}
