import { expect, it } from 'vitest'
import type { BusMessage } from '../../contract/bus.ts'
import type { BusBench } from './bench.ts'
import { idsOf, makeMessages, orderFaultsOf } from './made-messages.ts'

export function describeGroups(bench: BusBench): void {
  it('gives everything to each of two groups', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const collectors = [
      await bench.collect(bus, bench.group(), topic),
      await bench.collect(await bench.open(), bench.group(), topic),
    ]
    const messages = makeMessages(topic, 200, 10)
    await bus.publish(messages)
    for (const collector of collectors) {
      await collector.until(200)
      expect(idsOf(collector.acknowledged)).toEqual(idsOf(messages))
      expect(orderFaultsOf(collector.acknowledged)).toEqual([])
    }
  })

  it('shares a topic between two consumers of a group, each message for one of them', async (test) => {
    const bus = await bench.open()
    if (bus.features.groupsStandBy) return test.skip()
    const topic = await bench.topic(bus, 8)
    const group = bench.group()
    const one = await bench.collect(bus, group, topic, { handle: rest })
    const two = await bench.collect(await bench.open(), group, topic, { handle: rest })
    const published: BusMessage[] = []
    // They need a moment to agree who has what.
    const deadline = Date.now() + bench.patienceMs
    while (one.acknowledged.length === 0 || two.acknowledged.length === 0) {
      if (Date.now() > deadline) expect.unreachable('one of them got nothing')
      const messages = makeMessages(topic, 64, 32, published.length)
      await bus.publish(messages)
      published.push(...messages)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const both = () => [...one.acknowledged, ...two.acknowledged]
    await one.until(() => new Set(idsOf(both())).size >= published.length, 'messages of both')
    expect([...new Set(idsOf(both()))]).toEqual(idsOf(published))
    // What moved from one to the other while they agreed may have come twice, no more.
    const twice = both().length - published.length
    expect(twice).toBeLessThanOrEqual(published.length / 2)
  })

  it('lets another consumer of a group take over, in order and once, if they stand by', async (test) => {
    const bus = await bench.open()
    if (!bus.features.groupsStandBy) return test.skip()
    const topic = await bench.topic(bus)
    const group = bench.group()
    const how = { batchMax: 4, prefetchMax: 20, handle: rest }
    const one = await bench.collect(bus, group, topic, how)
    const two = await bench.collect(await bench.open(), group, topic, how)
    const messages = makeMessages(topic, 200, 4)
    await bus.publish(messages)
    await one.until(20)
    expect(two.given).toEqual([])
    await one.close()
    await two.until(200 - one.acknowledged.length)
    const both = [...one.acknowledged, ...two.acknowledged]
    expect(idsOf(both)).toEqual(idsOf(messages))
    expect(orderFaultsOf(both)).toEqual([])
  })

  it('goes on where it was after a close, without what was acknowledged before', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const group = bench.group()
    const before = await bench.collect(bus, group, topic)
    await bus.publish(makeMessages(topic, 40, 4))
    await before.until(40)
    await before.close()
    const later = makeMessages(topic, 40, 4, 10)
    await bus.publish(later)
    const after = await bench.collect(await bench.open(), group, topic)
    await after.until(40)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(idsOf(after.given)).toEqual(idsOf(later))
    expect(orderFaultsOf([...before.acknowledged, ...after.acknowledged])).toEqual([])
  })

  it('lets a call on its way end, and commits it, when the consumer is closed', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus, 1)
    const group = bench.group()
    const slow = await bench.collect(bus, group, topic, { batchMax: 5, handle: () => wait(500) })
    await bus.publish(makeMessages(topic, 10, 1))
    await slow.until((all) => all.given.length > 0, 'the first call')
    await slow.close()
    expect(slow.acknowledged.length).toBe(slow.given.length)
    const after = await bench.collect(bus, group, topic)
    await after.until((all) => all.acknowledged.length + slow.acknowledged.length >= 10, 'the others')
    await wait(300)
    expect(after.given.length + slow.given.length).toBe(10)
  })
}

const wait = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs))
const rest = () => wait(20)
