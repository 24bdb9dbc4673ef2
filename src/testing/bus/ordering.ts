import { expect, it } from 'vitest'
import type { BusMessage } from '../../contract/bus.ts'
import type { BusBench } from './bench.ts'
import { idsOf, makeMessage, makeMessages, orderFaultsOf } from './made-messages.ts'

const publishersCount = 20

export function describeOrdering(bench: BusBench): void {
  it('stores exactly what it confirms, in order per key, under twenty concurrent publishes', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus, 8)
    const collector = await bench.collect(bus, bench.group(), topic)
    const rounds = bench.options.roundsCount ?? 25
    const confirmed: BusMessage[] = []
    for (let round = 0; round < rounds; round += 1) {
      const sends = Array.from({ length: publishersCount }, async (_, publisher) => {
        const messages = [0, 1, 2].map((at) => makeMessage(topic, `till-${publisher}`, round * 3 + at))
        await bus.publish(messages)
        confirmed.push(...messages)
      })
      await Promise.all(sends)
    }
    await collector.until(confirmed.length)
    expect(idsOf(collector.acknowledged)).toEqual(idsOf(confirmed))
    expect(orderFaultsOf(collector.acknowledged)).toEqual([])
  })

  it('keeps the order of a key within one large publish, in calls no larger than asked for', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus, 8)
    const collector = await bench.collect(bus, bench.group(), topic, { batchMax: 100, prefetchMax: 500 })
    const messages = makeMessages(topic, 3_000, 16)
    await bus.publish(messages)
    await collector.until(3_000)
    expect(idsOf(collector.acknowledged)).toEqual(idsOf(messages))
    expect(orderFaultsOf(collector.acknowledged)).toEqual([])
    expect(Math.max(...collector.batchSizes)).toBeLessThanOrEqual(100)
    // One message in each call would be a bus that knows no batches.
    expect(collector.batchSizes.length).toBeLessThan(1_500)
  })

  it('keeps the order of a key over publishes of two processes that take turns', async () => {
    const buses = [await bench.open(), await bench.open()]
    const [first] = buses
    if (!first) return expect.unreachable()
    const topic = await bench.topic(first)
    const collector = await bench.collect(first, bench.group(), topic)
    for (let turn = 0; turn < 30; turn += 1) {
      await buses[turn % 2]?.publish([0, 1].map((at) => makeMessage(topic, '9/3', turn * 2 + at)))
    }
    await collector.until(60)
    expect(orderFaultsOf(collector.acknowledged)).toEqual([])
  })
}
