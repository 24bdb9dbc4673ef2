import { describe, expect, it } from 'vitest'
import type { PartitionRef, ReceivedMessage, Subscription } from '../../contract/bus.ts'
import type { Clock } from '../../contract/clock.ts'
import { eventTypes, type JournalEvent } from '../../journal/event.ts'
import type { ClaimRequest, DeliveryStore, ShardLease } from '../store.ts'
import { createFedStore } from './fed-store.ts'
import { SharedConsumer } from './shared-consumer.ts'

const topic = 'receipts'
const silentMs = 1_000

function eventAt(position: number, data: unknown = {}): JournalEvent {
  return {
    eventId: `e${position}`,
    xid: '7',
    position: String(position),
    shard: 3,
    eventType: eventTypes.recorded,
    subject: `till:1/1/-/${position}`,
    orderingKey: '1/1',
    dependsOn: [],
    data,
    traceparent: undefined,
    recordedAt: new Date(0),
  }
}

/** A worker's store over a journal of these events, and the bus in the hand of the test. */
async function open(journal: readonly JournalEvent[]) {
  let now = 0
  const clock: Clock = { now: () => now, sleep: async () => {} }
  const sent: JournalEvent[] = []
  const claims: ClaimRequest[] = []
  const mode = { allMaySend: true }
  let journalReads = 0
  let subscription: Subscription | undefined
  const consumer = new SharedConsumer({
    group: 'g',
    topic,
    batchMax: 10,
    prefetchMax: 10,
    clock,
    silentMs,
    patienceMs: 100,
    read: ({ offset }) => {
      const event = sent[Number(offset)]
      const before = sent[Number(offset) - 1]
      return event && { event, previous: before ?? { xid: '0', position: '0' } }
    },
    subscribe: async (one) => {
      subscription = one
      return { close: async () => {} }
    },
  })
  const feed = consumer.openFeed('erp')
  const store = {
    claimShards: async (request: ClaimRequest) => {
      claims.push(request)
      return []
    },
    readNew: async ([lease]: readonly ShardLease[]) => {
      journalReads += 1
      return journal.filter((event) => Number(event.position) > Number(lease?.cursor.position))
    },
  } as unknown as DeliveryStore
  const loadEvents = async (ids: readonly string[]) => journal.filter(({ eventId }) => ids.includes(eventId))
  const fed = createFedStore(store, feed, { clock, sweepMs: silentMs, loadEvents })
  const claim = () =>
    fed.claimShards({
      targetId: 1,
      workerId: 'w',
      leaseMs: 1,
      renewOnly: false,
      busy: new Set(),
      allMaySend: mode.allMaySend,
    })
  await claim()
  await new Promise((resolve) => setImmediate(resolve))
  const partitions: PartitionRef[] = [{ topic, partition: 3 }]
  return {
    claim,
    mode,
    lastClaim: () => claims.at(-1)?.only,
    passes: (ms: number) => {
      now += ms
    },
    assign: () => subscription?.onAssigned?.(partitions),
    revoke: () => subscription?.onRevoked?.(partitions),
    bring: (events: readonly JournalEvent[]) => {
      sent.push(...events)
      const messages = events.map((event) => ({ offset: String(sent.indexOf(event)) }) as ReceivedMessage)
      void subscription?.onMessages(messages, { topic, partition: 3 }, new AbortController().signal)
    },
    read: async (cursor: number) => {
      const lease = { shard: 3, fence: '1', cursor: { xid: '7', position: String(cursor) } }
      return (await fed.readNew([lease], 10)).map(({ position }) => Number(position))
    },
    journalReads: () => journalReads,
  }
}

describe('a store that a bus feeds', () => {
  it('takes from the bus what it brings, and asks the journal for nothing', async () => {
    const bus = await open([])
    bus.bring([eventAt(1), eventAt(2)])
    expect([await bus.read(0), bus.journalReads()]).toEqual([[1, 2], 0])
  })

  it('believes the journal, where the bus speaks of an event that it does not have', async () => {
    const bus = await open([eventAt(5), eventAt(9)])
    bus.bring([{ ...eventAt(7), data: undefined }])
    expect(await bus.read(0)).toEqual([5, 9])
  })

  it('gets data that did not travel from the journal', async () => {
    const bus = await open([eventAt(4, { whole: true })])
    bus.bring([{ ...eventAt(4), data: undefined }])
    expect([await bus.read(0), bus.journalReads()]).toEqual([[4], 0])
  })

  it('asks the journal for a shard that brings nothing for a while', async () => {
    const bus = await open([eventAt(6)])
    expect(await bus.read(0)).toEqual([])
    bus.passes(silentMs)
    expect(await bus.read(0)).toEqual([6])
  })

  it('claims what the bus gave, and shares as without a bus when that has given nothing for a while', async () => {
    const bus = await open([])
    expect(bus.lastClaim()).toBeUndefined()
    await bus.assign()
    await bus.claim()
    expect(bus.lastClaim()).toEqual(new Set([3]))
    await bus.revoke()
    await bus.claim()
    expect(bus.lastClaim()).toEqual(new Set())
    bus.passes(silentMs)
    await bus.claim()
    expect(bus.lastClaim()).toBeUndefined()
    await bus.assign()
    await bus.claim()
    expect(bus.lastClaim()).toEqual(new Set([3]))
  })

  it('lives on the journal while there are more workers than the target takes requests at a time', async () => {
    const bus = await open([eventAt(1), eventAt(2)])
    await bus.assign()
    bus.mode.allMaySend = false
    await bus.claim()
    expect(bus.lastClaim()).toBeUndefined()
    expect([await bus.read(0), bus.journalReads()]).toEqual([[1, 2], 1])
    bus.mode.allMaySend = true
    await bus.claim()
    await bus.assign()
    await bus.claim()
    expect(bus.lastClaim()).toEqual(new Set([3]))
  })
})
