import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { BusMessage } from '../../contract/bus.ts'
import type { BusBench } from './bench.ts'
import { idOf, idsOf, makeMessage, makeMessages } from './made-messages.ts'

const unicode = 'Größe 漢字 🧾 "quoted", \\ and = %41'

function samplesOf(topic: string): Record<string, BusMessage> {
  const plain = makeMessage(topic, '9/3', 1)
  return {
    'a CloudEvent with extensions and a trace': {
      ...plain,
      cloudEvent: { ...plain.cloudEvent, time: '2026-03-04T11:04:05.123Z', partitionkey: '9/3', dataschema: 'urn:x' },
    },
    'a body of every byte': { ...plain, contentType: 'application/octet-stream', body: allBytes() },
    'an empty body': { ...plain, body: new Uint8Array() },
    'text beyond ASCII everywhere': {
      ...plain,
      orderingKey: unicode,
      headers: { 'suite-number': '1', note: unicode, empty: '' },
      cloudEvent: { ...plain.cloudEvent, subject: unicode },
      contentType: 'text/plain; charset=utf-8',
      body: Buffer.from(unicode),
    },
    'no CloudEvent': {
      topic,
      orderingKey: '9/3',
      headers: { 'suite-number': '1' },
      contentType: 'application/xml',
      body: Buffer.from('<POSLog/>'),
    },
    'a body of 256 KiB that cannot be compressed': { ...plain, body: randomBytes(262_144) },
  }
}

export function describeRoundTrip(bench: BusBench): void {
  it.each(Object.keys(samplesOf('-')))('gives back as it was: %s', async (name) => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const sent = samplesOf(topic)[name] ?? expect.unreachable()
    const collector = await bench.collect(bus, bench.group(), topic)
    await bus.publish([sent])
    await collector.until((all) => all.acknowledged.length > 0)
    const [received] = collector.acknowledged
    expect(Buffer.compare(received?.body ?? Buffer.from('nothing'), sent.body)).toBe(0)
    const { body: _, ...head } = sent
    expect(received).toMatchObject(head)
    expect(received?.headers).toEqual(sent.headers)
    expect(received?.cloudEvent).toEqual(sent.cloudEvent)
    expect(received?.redelivered).toBe(false)
  })

  it('takes a publish of nothing', async () => {
    const bus = await bench.open()
    await bus.publish([])
  })

  it('puts a message into the partition that it names, if it has partitions', async (test) => {
    const bus = await bench.open()
    if (!bus.features.partitions) return test.skip()
    const topic = await bench.topic(bus, 8)
    const collector = await bench.collect(bus, bench.group(), topic)
    const messages = Array.from({ length: 8 }, (_, partition) => ({
      ...makeMessage(topic, 'same-key', partition),
      partition,
    }))
    await bus.publish(messages)
    await collector.until(8)
    const partitionOf = new Map(collector.acknowledged.map((one) => [idOf(one), one.partition]))
    expect(messages.map((one) => partitionOf.get(idOf(one)))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('prepares a topic that is there, also by several at once, and keeps what is in it', async () => {
    const bus = await bench.open()
    const topic = await bench.topic(bus)
    const collector = await bench.collect(bus, bench.group(), topic)
    await bus.publish(makeMessages(topic, 5, 1))
    const plan = { topic, partitionsCount: 4, retentionMs: 3_600_000 }
    const other = await bench.open()
    await Promise.all([bus.prepareTopics([plan]), other.prepareTopics([plan]), other.prepareTopics([plan, plan])])
    await bus.publish(makeMessages(topic, 5, 1, 5))
    await collector.until(10)
  })

  it('keeps topics apart', async () => {
    const bus = await bench.open()
    const [mine, other] = [await bench.topic(bus), await bench.topic(bus)]
    const group = bench.group()
    const [ofMine, ofOther] = [await bench.collect(bus, group, mine), await bench.collect(bus, bench.group(), other)]
    const [some, others] = [makeMessages(mine, 20, 3), makeMessages(other, 20, 3)]
    await bus.publish([...some, ...others])
    await Promise.all([ofMine.until(20), ofOther.until(20)])
    expect(idsOf(ofMine.acknowledged)).toEqual(idsOf(some))
    expect(idsOf(ofOther.acknowledged)).toEqual(idsOf(others))
  })
}

function allBytes(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, index) => index)
}
