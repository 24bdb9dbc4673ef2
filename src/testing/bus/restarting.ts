import { expect, it } from 'vitest'
import type { BusMessage } from '../../contract/bus.ts'
import { type BusBench, publishStubbornly } from './bench.ts'
import { firstsOf, idsOf, makeMessage, orderFaultsOf } from './made-messages.ts'

const publishersCount = 8
const roundsCount = 40

export function describeRestarting(bench: BusBench): void {
  it('loses nothing confirmed when the broker restarts in the middle of publishing and consuming', async (test) => {
    const { restart } = bench.options
    if (!restart) return test.skip()
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const handle = () => new Promise<void>((resolve) => setTimeout(resolve, 2))
    const collector = await bench.collect(await bench.open(), bench.group(), topic, { batchMax: 10, handle })
    const confirmed: BusMessage[] = []
    let restarting: Promise<void> | undefined
    const publishers = Array.from({ length: publishersCount }, async (_, publisher) => {
      for (let round = 0; round < roundsCount; round += 1) {
        const messages = [0, 1, 2].map((at) => makeMessage(topic, `till-${publisher}`, round * 3 + at))
        await publishStubbornly(bus, messages, bench.patienceMs)
        confirmed.push(...messages)
        if (round === roundsCount / 4) restarting ??= restart()
      }
    })
    await Promise.all(publishers)
    await restarting
    await collector.until(() => firstsOf(collector.acknowledged).length >= confirmed.length, 'what was confirmed')
    // What was published again after a failure carries the same ids, so that nothing else may be there.
    expect(idsOf(firstsOf(collector.acknowledged))).toEqual(idsOf(confirmed))
    expect(orderFaultsOf(collector.acknowledged)).toEqual([])
    await bus.publish([makeMessage(topic, 'afterwards', 1)])
    await collector.until(confirmed.length + 1)
  })
}
