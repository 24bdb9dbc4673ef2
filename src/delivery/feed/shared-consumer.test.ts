import { describe, expect, it } from 'vitest'
import type { PartitionRef, ReceivedMessage, Subscription } from '../../contract/bus.ts'
import { eventTypes, type JournalEvent } from '../../journal/event.ts'
import { ShardRevoked, SharedConsumer } from './shared-consumer.ts'

const topic = 'receipts'
const patienceMs = 500
const shard = 3

function eventAt(position: number): JournalEvent {
  return {
    ...{ eventId: `e${position}`, xid: '7', position: String(position), shard },
    ...{ eventType: eventTypes.recorded, subject: `till:1/1/-/${position}`, orderingKey: '1/1', dependsOn: [] },
    ...{ data: {}, traceparent: undefined, recordedAt: new Date(0) },
  }
}

const turns = () => new Promise((resolve) => setImmediate(resolve))

/** A process with one worker each of these targets, and a bus and a clock in the hand of the test. */
async function open(targets: readonly string[]) {
  let subscription: Subscription | undefined
  let reads = 0
  let subscribed = 0
  let closed = 0
  const sleepers = new Set<() => void>()
  const consumer = new SharedConsumer({
    ...{ group: 'g', topic, batchMax: 10, prefetchMax: 10, silentMs: 1_000, patienceMs },
    clock: {
      now: () => 0,
      sleep: (_ms, signal) =>
        new Promise<void>((resolve) => {
          sleepers.add(resolve)
          signal?.addEventListener('abort', () => resolve())
        }),
    },
    read: ({ offset }) => {
      reads += 1
      return { event: eventAt(Number(offset)), previous: { xid: '7', position: String(Number(offset) - 1) } }
    },
    subscribe: async (one) => {
      subscribed += 1
      subscription = one
      const close = async () => {
        closed += 1
      }
      return { close }
    },
  })
  const feeds = targets.map((target) => consumer.openFeed(target))
  const refs = (shards: readonly number[]): PartitionRef[] => shards.map((partition) => ({ topic, partition }))
  const join = async () => {
    for (const feed of feeds) feed.join()
    await turns()
  }
  await join()
  const taken = new AbortController()
  return {
    consumer,
    feeds,
    join,
    take: () => taken.abort(),
    assign: (shards: readonly number[]) => subscription?.onAssigned?.(refs(shards)),
    bring: async (...positions: number[]) => {
      const messages = positions.map((position) => ({ offset: String(position) }) as ReceivedMessage)
      const state = { ended: 'no' as 'no' | 'acknowledged' | 'refused', reason: undefined as unknown }
      void subscription?.onMessages(messages, { topic, partition: shard }, taken.signal).then(
        () => {
          state.ended = 'acknowledged'
        },
        (reason: unknown) => {
          state.ended = 'refused'
          state.reason = reason
        },
      )
      await turns()
      return state
    },
    settle: async (target: number, position: number) => {
      const cursor = { xid: '7', position: String(position) }
      feeds[target]?.advance([{ shard, fence: '1', cursor }], new Map([[shard, cursor]]))
      await turns()
    },
    waits: (target: number) => feeds[target]?.bufferOf(shard).size,
    patienceEnds: async () => {
      for (const wakeUp of sleepers) wakeUp()
      await turns()
    },
    counts: () => ({ reads, subscribed, closed }),
  }
}

describe('the consumer of a process', () => {
  it('reads an event once for all targets, and acknowledges it when all have settled it', async () => {
    const bus = await open(['erp', 'shop', 'loyalty'])
    const batch = await bus.bring(1, 2)
    expect([bus.counts().reads, bus.counts().subscribed]).toEqual([2, 1])
    expect([0, 1, 2].map(bus.waits)).toEqual([2, 2, 2])
    await bus.settle(0, 2)
    await bus.settle(2, 2)
    await bus.settle(1, 1)
    expect(batch.ended).toBe('no')
    await bus.settle(1, 2)
    expect(batch.ended).toBe('acknowledged')
  })

  it('waits for ever where no target settles', async () => {
    const bus = await open(['erp', 'shop'])
    const batch = await bus.bring(1)
    await bus.patienceEnds()
    expect(batch.ended).toBe('no')
  })

  it('does not wait long for one that is behind, nor again before it has caught up', async () => {
    const bus = await open(['erp', 'shop'])
    const first = await bus.bring(1)
    await bus.settle(0, 1)
    expect(first.ended).toBe('no')
    await bus.patienceEnds()
    expect(first.ended).toBe('acknowledged')
    const second = await bus.bring(2)
    await bus.settle(0, 2)
    expect(second.ended).toBe('acknowledged')
    await bus.settle(1, 2)
    const third = await bus.bring(3)
    await bus.settle(0, 3)
    expect(third.ended).toBe('no')
    await bus.settle(1, 3)
    expect(third.ended).toBe('acknowledged')
  })

  it('keeps a bounded number of events for one that is behind', async () => {
    const bus = await open(['erp', 'shop'])
    await bus.bring(1)
    await bus.settle(0, 1)
    await bus.patienceEnds()
    for (let position = 2; position <= 500; position += 1) {
      await bus.bring(position)
      await bus.settle(0, position)
    }
    expect([bus.waits(0), bus.waits(1)]).toEqual([0, 200])
    // It reads on in the journal, whose cursor says where it is.
    expect(bus.feeds[1]?.bufferOf(shard).next({ xid: '7', position: '200' }, 10)).toEqual([])
    await bus.bring(501)
    expect(bus.feeds[1]?.bufferOf(shard).next({ xid: '7', position: '200' }, 10)).toBe('gap')
  })

  it('acknowledges nothing of a shard that was taken away, and keeps nothing of it', async () => {
    const bus = await open(['erp', 'shop'])
    const batch = await bus.bring(1)
    await bus.settle(0, 1)
    bus.take()
    await turns()
    expect(batch).toMatchObject({ ended: 'refused', reason: expect.any(ShardRevoked) })
    expect(bus.waits(1)).toBe(0)
  })

  it('shares its shards out among the workers of each target', async () => {
    const bus = await open(['erp', 'erp', 'shop', 'shop'])
    const shards = Array.from({ length: 32 }, (_, index) => index * 2)
    await bus.assign(shards)
    for (const [first, second] of [bus.feeds.slice(0, 2), bus.feeds.slice(2)]) {
      const parts = [[...(first?.assigned ?? [])], [...(second?.assigned ?? [])]]
      expect(parts.flat().sort((a, b) => a - b)).toEqual(shards)
      for (const part of parts) expect(part.length).toBeGreaterThan(8)
    }
  })

  it('does not wait for a target that takes part no more, and leaves when none does', async () => {
    const bus = await open(['erp', 'shop'])
    const batch = await bus.bring(1)
    await bus.settle(0, 1)
    bus.feeds[1]?.leave()
    await turns()
    expect([batch.ended, bus.counts().closed]).toEqual(['acknowledged', 0])
    const next = await bus.bring(2)
    bus.feeds[0]?.leave()
    await turns()
    expect([next.ended, bus.counts().closed]).toEqual(['refused', 1])
    await bus.join()
    expect(bus.counts().subscribed).toBe(2)
    await bus.consumer.stop()
    expect(bus.counts().closed).toBe(2)
  })
})
