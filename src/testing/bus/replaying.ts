import { expect, it } from 'vitest'
import type { BusBench } from './bench.ts'
import { idsOf, makeMessages, orderFaultsOf } from './made-messages.ts'

export function describeReplaying(bench: BusBench): void {
  it('gives a new group what was published, and read by others, before it came, if it replays', async (test) => {
    const bus = await bench.open()
    if (!bus.features.replay) return test.skip()
    const topic = await bench.topic(bus)
    const messages = makeMessages(topic, 100, 10)
    await bus.publish(messages)
    for (let generation = 0; generation < 2; generation += 1) {
      const collector = await bench.collect(await bench.open(), bench.group(), topic)
      await collector.until(100)
      expect(idsOf(collector.acknowledged)).toEqual(idsOf(messages))
      expect(orderFaultsOf(collector.acknowledged)).toEqual([])
    }
  })

  it('keeps for a group what is published after it came, also while no consumer of it is there', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const group = bench.group()
    const visitor = await bench.collect(bus, group, topic)
    await visitor.close()
    const messages = makeMessages(topic, 30, 3)
    await bus.publish(messages)
    const collector = await bench.collect(bus, group, topic)
    await collector.until(30)
    expect(idsOf(collector.acknowledged)).toEqual(idsOf(messages))
  })
}
