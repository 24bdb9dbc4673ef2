import { afterAll, afterEach, expect, it } from 'vitest'
import { createRabbitMqBus } from '../../../src/buses/rabbitmq/bus.ts'
import { type Bus, BusFailure, type BusMessage } from '../../../src/contract/bus.ts'
import type { OwnBroker } from './own-broker.ts'

const topic = 'alarm.numbers'
const messagesCount = 300
/** As in rabbitmq.conf. */
const ofTests = { memory: '512MB', disk: '64MB' }

/** A broker that is short of memory or disk stops reading from whoever publishes; it is neither away nor refusing. */
export function describeAlarm(broker: OwnBroker): void {
  const buses: Bus[] = []
  const told: (string | undefined)[] = []
  const open = (): Bus => {
    const bus = createRabbitMqBus({
      url: broker.url,
      publishTimeoutMs: 1_000,
      onBlocked: (reason) => told.push(reason),
    })
    buses.push(bus)
    return bus
  }
  const limitMemory = (bytes: string) => broker.control('set_vm_memory_high_watermark', 'absolute', bytes)
  const limitDisk = (bytes: string) => broker.control('set_disk_free_limit', bytes)
  let clear = async (): Promise<unknown> => undefined

  afterEach(() => clear())
  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close()))
  })

  it('holds publishing back over one connection, lets consumers go on, and takes everything when it is over', async () => {
    const bus = open()
    const plans = [{ topic, partitionsCount: 1, retentionMs: 0 }]
    await bus.prepareTopics(plans)
    const read: number[] = []
    const onMessages = async (messages: readonly { body: Uint8Array }[]) => {
      read.push(...messages.map(({ body }) => Number(Buffer.from(body).toString())))
    }
    const subscription = { group: 'alarmed', topics: [topic], batchMax: 100, prefetchMax: 200, onMessages }
    await (await bus.subscribe(subscription)).close()
    const waiting = numbered(0, 10)
    await bus.publish(waiting)

    clear = () => limitMemory(ofTests.memory)
    await limitMemory('1MB')
    const reader = open()
    await reader.subscribe(subscription)
    await expect.poll(() => new Set(read).size).toBe(waiting.length)
    const batch = numbered(10, messagesCount)
    const refusals: unknown[] = []
    for (let attempt = 0; attempt < 4; attempt += 1) {
      refusals.push(await (attempt === 2 ? bus.prepareTopics(plans) : bus.publish(batch)).catch((error) => error))
    }
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(BusFailure)
      expect(refusal).toMatchObject({ isTransient: true, message: 'RabbitMQ takes no messages now: low on memory' })
    }
    // One line, for each connection that is made anew is told of its own block.
    expect(told).toEqual(['low on memory'])

    await clear()
    await expect.poll(() => told).toEqual(['low on memory', undefined])
    await bus.publish(batch)
    await expect.poll(() => read.filter((number) => number === messagesCount - 1).length).toBeGreaterThan(0)
    expect([...new Set(read)]).toEqual(Array.from({ length: messagesCount }, (_, number) => number))
    // The attempt that the alarm met and the one after it.
    expect(read.length).toBeLessThanOrEqual(waiting.length + 2 * batch.length)
  })

  it('lets a bus that it holds back be closed', async () => {
    const bus = open()
    clear = () => limitDisk(ofTests.disk)
    await limitDisk('1000000GB')
    await expect(bus.publish(numbered(0, messagesCount))).rejects.toThrow('takes no messages now: low on disk')
    await bus.close()
    await expect(bus.publish(numbered(0, 1))).rejects.toThrow('closed')
  })
}

function numbered(from: number, to: number): BusMessage[] {
  return Array.from({ length: to - from }, (_, index) => ({
    topic,
    orderingKey: 'store/1',
    headers: {},
    contentType: 'text/plain',
    body: Buffer.from(String(from + index)),
  }))
}
