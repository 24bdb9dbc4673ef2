import { expect, it } from 'vitest'
import type { ReceivedMessage } from '../../contract/bus.ts'
import type { BusBench } from './bench.ts'
import { startHolder } from './held-messages.ts'
import { idOf, idsOf, makeMessages, orderFaultsOf } from './made-messages.ts'

export function describeRedelivery(bench: BusBench): void {
  it('gives messages again when their call rejects, and skips none', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const rejected: ReceivedMessage[] = []
    let calls = 0
    const handle = async (messages: readonly ReceivedMessage[]) => {
      calls += 1
      if (calls > 5 || calls % 2 === 0) return
      rejected.push(...messages)
      throw new Error('not now')
    }
    const collector = await bench.collect(bus, bench.group(), topic, { batchMax: 10, handle })
    const messages = makeMessages(topic, 60, 6)
    await bus.publish(messages)
    await collector.until(60)
    expect(rejected.length).toBeGreaterThan(0)
    expect([...new Set(idsOf(collector.acknowledged))]).toEqual(idsOf(messages))
    expect(orderFaultsOf(collector.acknowledged)).toEqual([])
    for (const id of new Set(rejected.map(idOf))) {
      const times = collector.given.filter((one) => idOf(one) === id)
      expect(times.length).toBeGreaterThan(1)
      expect(times.at(-1)?.redelivered).toBe(true)
    }
  })

  it('lets no later message of its key past one that is rejected again and again', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    let refusals = 0
    const handle = async (messages: readonly ReceivedMessage[]) => {
      if (refusals >= 5 || !messages.some((one) => one.headers['suite-number'] === '3')) return
      refusals += 1
      throw new Error('poison')
    }
    const collector = await bench.collect(bus, bench.group(), topic, { batchMax: 2, handle })
    const messages = makeMessages(topic, 12, 1)
    await bus.publish(messages)
    await collector.until(12)
    expect(refusals).toBe(5)
    expect([...new Set(idsOf(collector.acknowledged))]).toEqual(idsOf(messages))
    expect(orderFaultsOf(collector.acknowledged)).toEqual([])
  })

  it('gives to another consumer what a killed process had not acknowledged', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const group = bench.group()
    const holder = await startHolder({ inChild: bench.options.inChild, group, topic })
    try {
      const messages = makeMessages(topic, 40, 4)
      await bus.publish(messages)
      const held = await holder.firstIds()
      expect(held.length).toBeGreaterThan(0)
      await holder.kill()
      const collector = await bench.collect(await bench.open(), group, topic)
      await collector.until(40)
      expect([...new Set(idsOf(collector.acknowledged))]).toEqual(idsOf(messages))
      expect(idsOf(collector.acknowledged)).toEqual(expect.arrayContaining(held))
      expect(orderFaultsOf(collector.acknowledged)).toEqual([])
    } finally {
      await holder.kill()
    }
  })
}
