import { expect, it } from 'vitest'
import type { BusMessage } from '../../contract/bus.ts'
import type { BusBench } from './bench.ts'
import type { Collector } from './collector.ts'
import { idsOf, makeMessages, orderFaultsOf } from './made-messages.ts'
import { waitUntil } from './wait-until.ts'

const keysCount = 16
const partitionsCount = 8

export function describeRebalancing(bench: BusBench): void {
  it('loses nothing while consumers come and go, with one call per partition at a time', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus, partitionsCount)
    const group = bench.group()
    const acknowledged: BusMessage[] = []
    const handle = async (messages: readonly BusMessage[]) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      acknowledged.push(...messages)
    }
    const join = async () => bench.collect(await bench.open(), group, topic, { batchMax: 20, handle })
    const stop = new AbortController()
    const first = await join()
    const publishing = publishUntil(stop.signal, bus, topic)
    const second = await join()
    // Where they stand by it is the first that goes on.
    const reading = (joined: Collector) => (bus.features.groupsStandBy ? first : joined)
    await reading(second).until((all) => all.given.length > 0, 'messages of the second')
    const third = await join()
    await reading(third).until((all) => all.given.length > 0, 'messages of the third')
    await second.close()
    await first.close()
    stop.abort()
    const published = await publishing
    await third.until(() => new Set(idsOf(acknowledged)).size >= published.length, 'what was published')
    expect([...new Set(idsOf(acknowledged))]).toEqual(idsOf(published))
    // A consumer whose partition was taken away may end a call that another has had by then; nothing else comes twice.
    for (const one of [first, second, third]) expect(orderFaultsOf(one.acknowledged)).toEqual([])
  })

  it('gives every partition to exactly one consumer of a group, if it has partitions', async (test) => {
    const bus = await bench.open()
    if (!bus.features.partitions) return test.skip()
    const topic = await bench.topic(bus, partitionsCount)
    const group = bench.group()
    const members: Collector[] = []
    for (let member = 0; member < 3; member += 1) members.push(await bench.collect(await bench.open(), group, topic))
    const isShared = () => {
      const all = members.flatMap((one) => [...one.assigned])
      const isFair = members.every((one) => one.assigned.size > 0)
      return isFair && all.length === partitionsCount && new Set(all).size === partitionsCount
    }
    await waitUntil(() => 'every partition at one consumer, and none without', isShared, bench.patienceMs)
    const gone = members.pop()
    await gone?.close()
    expect(gone?.assigned.size).toBe(0)
    await waitUntil(() => 'the partitions of the one that left', isShared, bench.patienceMs)
  })

  it('gives partitions away also where the one who had them fails to give them up, if it has partitions', async (test) => {
    const bus = await bench.open()
    if (!bus.features.partitions) return test.skip()
    const topic = await bench.topic(bus, partitionsCount)
    const group = bench.group()
    const revoked = () => Promise.reject(new Error('not given up'))
    const failing = await bench.collect(await bench.open(), group, topic, { revoked })
    await waitUntil(
      () => 'all partitions',
      () => failing.assigned.size === partitionsCount,
      bench.patienceMs,
    )
    const other = await bench.collect(await bench.open(), group, topic)
    const messages = makeMessages(topic, 64, keysCount)
    await waitUntil(
      () => 'a share',
      () => other.assigned.size > 0,
      bench.patienceMs,
    )
    await failing.close()
    await bus.publish(messages)
    await other.until(64)
    expect(other.assigned.size).toBe(partitionsCount)
    expect(failing.troubles.map(({ message }) => message)).toContainEqual(expect.stringContaining('not given up'))
  })
}

async function publishUntil(
  signal: AbortSignal,
  bus: { publish(messages: readonly BusMessage[]): Promise<void> },
  topic: string,
): Promise<BusMessage[]> {
  const published: BusMessage[] = []
  while (!signal.aborted) {
    const messages = makeMessages(topic, keysCount, keysCount, published.length / keysCount)
    await bus.publish(messages)
    published.push(...messages)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return published
}
