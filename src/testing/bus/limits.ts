import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { BusFailure } from '../../contract/bus.ts'
import type { BusBench } from './bench.ts'
import { idsOf, makeMessage, makeMessages } from './made-messages.ts'

const bodyBytes = 262_144
const bodiesCount = 96

export function describeLimits(bench: BusBench): void {
  it('refuses a message that is too long for good, and takes others afterwards', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const collector = await bench.collect(bus, bench.group(), topic)
    const long = makeMessage(topic, '9/3', 1, randomBytes(bench.options.refusedBodyBytes))
    const failure = await bus.publish([long]).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BusFailure)
    expect(failure).toMatchObject({ isTransient: false })
    const short = makeMessage(topic, '9/3', 2)
    await bus.publish([short])
    await collector.until((all) => idsOf(all.acknowledged).includes(short.cloudEvent?.id ?? ''))
    expect(idsOf(collector.acknowledged)).toEqual(idsOf([short]))
  })

  it('says so when the same publish holds one that is too long', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const long = makeMessage(topic, '9/4', 1, randomBytes(bench.options.refusedBodyBytes))
    const failure = await bus.publish([makeMessage(topic, '9/3', 1), long]).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BusFailure)
    expect(failure).toMatchObject({ isTransient: false })
  })

  it.for([-1, 4, 70_000])(
    'refuses the partition %i of four for good, if it has partitions',
    async (partition, test) => {
      const bus = await bench.open()
      if (!bus.features.partitions) return test.skip()
      const topic = await bench.topic(bus, 4)
      const failure = await bus
        .publish([{ ...makeMessage(topic, '9/3', 1), partition }])
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(BusFailure)
      expect(failure).toMatchObject({ isTransient: false })
    },
  )

  it('refuses for good a topic that has fewer partitions than are needed, if it has partitions', async (test) => {
    const bus = await bench.open()
    if (!bus.features.partitions) return test.skip()
    const topic = await bench.topic(bus, 2)
    const plan = { topic, partitionsCount: 4, retentionMs: 3_600_000 }
    const failure = await bus.prepareTopics([plan]).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BusFailure)
    expect(failure).toMatchObject({ isTransient: false })
    await bus.prepareTopics([{ ...plan, partitionsCount: 1 }])
    await bus.prepareTopics([{ ...plan, partitionsMin: 1 }])
    const third = { ...makeMessage(topic, '9/3', 1), partition: 2 }
    await expect(bus.publish([third])).rejects.toMatchObject({ isTransient: false })
  })

  it('does not take a backlog into memory while a call is slow', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus, 1)
    let goOn: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const collector = await bench.collect(bus, bench.group(), topic, {
      batchMax: 4,
      prefetchMax: 8,
      handle: () => held,
    })
    try {
      await bus.publish([makeMessage(topic, '9/3', 0)])
      await collector.until((all) => all.given.length > 0, 'the call that is slow')
      const before = outsideHeapBytes()
      for (let number = 1; number <= bodiesCount; number += 1) {
        await bus.publish([makeMessage(topic, '9/3', number, randomBytes(bodyBytes))])
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(outsideHeapBytes() - before).toBeLessThan((bodiesCount * bodyBytes) / 2)
      expect(collector.given.length).toBeLessThanOrEqual(4)
    } finally {
      goOn()
    }
    await collector.until(bodiesCount + 1)
  })

  it('tells of everything that is asked of it after it was closed', async () => {
    const bus = await bench.options.open()
    const topic = await bench.topic(bus)
    await bus.close()
    await expect(bus.publish(makeMessages(topic, 1, 1))).rejects.toBeInstanceOf(BusFailure)
    await expect(bus.prepareTopics([])).rejects.toBeInstanceOf(BusFailure)
    const collector = bench.collect(bus, bench.group(), topic)
    await expect(collector).rejects.toMatchObject({ name: 'BusFailure', isTransient: false })
  })
}

/** Bodies are buffers, which lie outside the heap; only what is still referred to counts. */
function outsideHeapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  // What native code holds, such as a compressor, is let go of after the first pass: 10 MB of zstd's were counted before.
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().external
}
