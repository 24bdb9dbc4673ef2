import type { Clock } from '../../contract/clock.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { DeliveryStore, ShardLease } from '../store.ts'
import type { BusFeed } from './bus-feed.ts'

export interface FedStoreOptions {
  clock: Clock
  /**
   * So long a shard may bring nothing before its events are looked for in the journal: what the bus lost, what it kept for a
   * shorter time than the outage lasted, and what the relay could not publish.
   */
  sweepMs: number
  /** Reads events whose data did not travel: it has personal data, or is larger than the broker takes. */
  loadEvents(eventIds: readonly string[]): Promise<JournalEvent[]>
  onHealed?(events: number): void
}

/**
 * A store whose new events come over the bus, so that many targets and machines do not read PostgreSQL. Everything else stays:
 * leases, fences, entries and results are PostgreSQL's, and so is the last word on what a shard has still to deliver.
 */
export function createFedStore(store: DeliveryStore, feed: BusFeed, options: FedStoreOptions): DeliveryStore {
  const { clock, sweepMs, loadEvents, onHealed } = options
  /** When a shard last had what the bus brought, or had nothing left in the journal. */
  const assuredAt = new Map<number, number>()

  const isDue = (shard: number) => {
    const at = assuredAt.get(shard)
    if (at === undefined) assuredAt.set(shard, clock.now())
    return at !== undefined && clock.now() - at >= sweepMs
  }

  const readJournal = async (
    leases: readonly ShardLease[],
    limit: number,
    untilXid: string | undefined,
  ): Promise<JournalEvent[]> => {
    if (leases.length === 0 || limit === 0) return []
    const events = await store.readNew(leases, limit, untilXid)
    const found = new Set(events.map((event) => event.shard))
    // A shard in which something was found is looked at again at once: the bus may be away for longer.
    if (events.length < limit) for (const { shard } of leases) if (!found.has(shard)) assuredAt.set(shard, clock.now())
    if (events.length > 0) onHealed?.(events.length)
    return events
  }

  return {
    ...store,
    claimShards: (request) => {
      // Every process holds its part of the shards of every target, so every worker must be able to send something.
      if (!request.allMaySend) feed.leave()
      else if (!request.renewOnly) feed.join()
      return store.claimShards({ ...request, ...(feed.assigned && { only: feed.assigned }) })
    },
    readNew: async (leases, limit, untilXid) => {
      if (!feed.takesPart) return store.readNew(leases, limit, untilXid)
      const events: JournalEvent[] = []
      const doubtful: ShardLease[] = []
      for (const lease of leases) {
        const next = feed.bufferOf(lease.shard).next(lease.cursor, limit - events.length, untilXid)
        if (next === 'gap') doubtful.push(lease)
        else if (next.length > 0) events.push(...next)
        else if (feed.bufferOf(lease.shard).size === 0 && isDue(lease.shard)) doubtful.push(lease)
      }
      const whole = await withData(events, loadEvents)
      const shown = new Set(whole.map((event) => event.shard))
      const promised = new Set(events.map((event) => event.shard))
      for (const lease of leases) {
        if (shown.has(lease.shard)) assuredAt.set(lease.shard, clock.now())
        // What the bus speaks of is not in the journal: the journal says what comes next.
        else if (promised.has(lease.shard)) doubtful.push(lease)
      }
      return [...whole, ...(await readJournal(doubtful, limit - whole.length, untilXid))]
    },
    commit: async (commit) => {
      const held = await store.commit(commit)
      feed.advance(
        commit.leases.filter((lease) => held.has(lease.shard)),
        commit.cursors,
      )
      return held
    },
  }
}

/** An event that the journal does not have ends its shard's part here. */
async function withData(
  events: readonly JournalEvent[],
  loadEvents: FedStoreOptions['loadEvents'],
): Promise<JournalEvent[]> {
  const without = events.filter((event) => event.data === undefined)
  if (without.length === 0) return [...events]
  const loaded = new Map(
    (await loadEvents(without.map((event) => event.eventId))).map((one) => [one.eventId, one.data]),
  )
  const broken = new Set<number>()
  return events.flatMap((event) => {
    const data = event.data ?? loaded.get(event.eventId)
    if (data === undefined) broken.add(event.shard)
    return broken.has(event.shard) ? [] : [{ ...event, data }]
  })
}
