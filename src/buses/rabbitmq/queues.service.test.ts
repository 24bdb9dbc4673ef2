import { randomBytes } from 'node:crypto'
import { type Channel, Connection } from 'rabbitmq-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { requireService } from '../../../test/peers/require-service.ts'
import { type Bus, BusFailure, type BusMessage, type ReceivedMessage, type Subscription } from '../../contract/bus.ts'
import { createRabbitMqBus } from './bus.ts'
import { deadLetterExchange, deadLetterQueueOf, queueOf } from './names.ts'

const address = await requireService('rabbitmq')
const patienceMs = 30_000

describe.skipIf(!address)('what the bus makes of RabbitMQ', () => {
  const url = address?.url ?? ''
  const buses: Bus[] = []
  const made = { exchanges: new Set<string>(), queues: new Set<string>() }
  let bare: Connection
  let channel: Channel

  const open = (options: Partial<Parameters<typeof createRabbitMqBus>[0]> = {}): Bus => {
    const bus = createRabbitMqBus({ url, ...options })
    buses.push(bus)
    return bus
  }
  const makeTopic = async (bus: Bus): Promise<string> => {
    const topic = `tillflow-test.${randomBytes(6).toString('hex')}`
    made.exchanges.add(topic)
    await bus.prepareTopics([{ topic, partitionsCount: 1, retentionMs: 0 }])
    return topic
  }
  const read = async (bus: Bus, change: Partial<Subscription> & { topics: readonly string[] }): Promise<Reading> => {
    const given: ReceivedMessage[] = []
    const group = change.group ?? 'readers'
    for (const topic of change.topics) {
      const queue = change.topicsAreForeign ? topic : queueOf(topic, group)
      made.queues.add(queue).add(deadLetterQueueOf(queue))
    }
    const onMessages = async (messages: readonly ReceivedMessage[]) => void given.push(...messages)
    const consumer = await bus.subscribe({ group, batchMax: 100, prefetchMax: 200, onMessages, ...change })
    return { given, close: () => consumer.close() }
  }

  beforeAll(async () => {
    bare = new Connection(url)
    channel = await bare.acquire()
  })
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()))
  })
  afterAll(async () => {
    for (const queue of made.queues) await channel.queueDelete(queue)
    for (const exchange of made.exchanges) await channel.exchangeDelete({ exchange })
    await channel.close()
    await bare.close()
  })

  it('fails a publishing that no queue wants, as long as that is so', async () => {
    const bus = open()
    const topic = await makeTopic(bus)
    const failure = await bus.publish([message(topic, 1)]).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BusFailure)
    expect(failure).toMatchObject({ isTransient: true, message: expect.stringContaining('no queue') })
    const { given } = await read(bus, { topics: [topic] })
    await bus.publish([message(topic, 2)])
    await expect.poll(() => textsOf(given), { timeout: patienceMs }).toEqual(['2'])
  })

  it('lets the broker forget what no queue wants where it is told so, and tells it once for each topic', async () => {
    const told: string[] = []
    const bus = open({ unroutable: 'drop', onUnroutable: (topic) => told.push(topic) })
    const [topic, wanted, other] = [await makeTopic(bus), await makeTopic(bus), await makeTopic(bus)]
    const { given } = await read(bus, { topics: [wanted] })
    await bus.publish([message(topic, 1), message(topic, 2), message(wanted, 3)])
    await bus.publish([message(topic, 4), message(wanted, 5)])
    expect(told).toEqual([topic])
    await bus.publish([message(other, 6)])
    expect(told).toEqual([topic, other])
    await expect.poll(() => textsOf(given), { timeout: patienceMs }).toEqual(['3', '5'])
  })

  it('blames one publishing alone for a topic that is not there', async () => {
    const bus = open()
    const topic = await makeTopic(bus)
    const { given } = await read(bus, { topics: [topic] })
    const [wrong, right] = await Promise.allSettled([
      bus.publish([message(`${topic}.missing`, 1)]),
      bus.publish([message(topic, 2)]),
    ])
    expect(wrong).toMatchObject({ status: 'rejected', reason: { isTransient: false } })
    expect(right.status).toBe('fulfilled')
    await expect.poll(() => textsOf(given), { timeout: patienceMs }).toEqual(['2'])
  })

  it('asks again for a topic that was there until its channel ended', async () => {
    const [owner, bus] = [open(), open()]
    const [topic, other] = [await makeTopic(owner), await makeTopic(owner)]
    for (const one of [topic, other]) await read(owner, { topics: [one] })
    await bus.publish([message(topic, 1)])
    await channel.exchangeDelete({ exchange: topic })
    await expect(bus.publish([message(topic, 2)])).rejects.toMatchObject({ isTransient: true })
    const [gone, there] = await Promise.allSettled([bus.publish([message(topic, 3)]), bus.publish([message(other, 4)])])
    expect(gone).toMatchObject({ status: 'rejected', reason: { isTransient: false } })
    expect(there.status).toBe('fulfilled')
  })

  it('reads a queue that somebody else made and fills, byte for byte, and leaves it as it is', async () => {
    const queue = `somebody's feed ${randomBytes(6).toString('hex')}`
    await channel.queueDeclare({ queue, durable: true })
    made.queues.add(queue)
    const json = '{"total": 1.10, "total": 2, "big": 9007199254740993}'
    const bytes = Buffer.from([0xff, 0xfe, 0x00])
    await channel.basicPublish({ routingKey: queue, contentType: 'application/json' }, Buffer.from(json))
    await channel.basicPublish({ routingKey: queue, contentType: 'text/plain', headers: { n: 1 } }, bytes)
    await channel.basicPublish({ routingKey: queue }, Buffer.alloc(300_000, 'x'))
    const bus = open()
    const { given, close } = await read(bus, { topics: [queue], topicsAreForeign: true })
    await expect.poll(() => given.length, { timeout: patienceMs }).toBe(3)
    expect(Buffer.from(given[0]?.body ?? []).toString()).toBe(json)
    expect(given[0]).toMatchObject({ topic: queue, orderingKey: queue, contentType: 'application/json', headers: {} })
    expect(Buffer.compare(Buffer.from(given[1]?.body ?? []), bytes)).toBe(0)
    expect(given[1]).toMatchObject({ contentType: 'text/plain', headers: { n: '1' } })
    expect(given[2]?.body.byteLength).toBe(300_000)
    await close()
    expect(await channel.queueDeclare({ queue, passive: true })).toMatchObject({ messageCount: 0, consumerCount: 0 })
  })

  it('says that a queue of somebody else is not there, and makes none', async () => {
    const topics = [`nobody made ${randomBytes(6).toString('hex')}`]
    const failure = await read(open(), { topics, topicsAreForeign: true }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'BusFailure', isTransient: false })
  })

  it('puts a message that kills its readers to the dead letters, with its reason', async () => {
    const bus = open({ deliveryLimit: 2 })
    const topic = await makeTopic(bus)
    await (await read(bus, { topics: [topic] })).close()
    await bus.publish([message(topic, 1)])
    const queue = queueOf(topic, 'readers')
    for (let death = 0; death < 3; death += 1) await dieWith(bare, queue)
    const dead = await read(bus, { topics: [deadLetterQueueOf(queue)], topicsAreForeign: true })
    await expect.poll(() => textsOf(dead.given), { timeout: patienceMs }).toEqual(['1'])
    expect(dead.given[0]?.orderingKey).toBe('store/1')
    expect(dead.given[0]?.headers).toMatchObject({
      'x-first-death-reason': 'delivery_limit',
      'x-first-death-queue': queue,
    })
    const { given } = await read(bus, { topics: [topic] })
    await bus.publish([message(topic, 2)])
    await expect.poll(() => textsOf(given), { timeout: patienceMs }).toEqual(['2'])
  })

  it('counts no deliveries while a call is refused again and again', async () => {
    const bus = open({ deliveryLimit: 1 })
    const topic = await makeTopic(bus)
    const given: ReceivedMessage[] = []
    let refusals = 0
    await read(bus, {
      topics: [topic],
      onMessages: async (messages) => {
        if (refusals < 4) {
          refusals += 1
          throw new Error('the database is away')
        }
        given.push(...messages)
      },
    })
    await bus.publish([message(topic, 1), message(topic, 2), message(topic, 3)])
    await expect.poll(() => textsOf(given), { timeout: patienceMs }).toEqual(['1', '2', '3'])
    expect(refusals).toBe(4)
  })

  it('lets one consumer of a group read, and another one take over, in order', async () => {
    const topic = await makeTopic(open())
    const given: ReceivedMessage[] = []
    const onMessages = async (messages: readonly ReceivedMessage[]) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      given.push(...messages)
    }
    const how = { topics: [topic], batchMax: 3, prefetchMax: 10, onMessages }
    const first = await read(open(), how)
    await read(open(), how)
    const publisher = open()
    await publisher.publish(Array.from({ length: 60 }, (_, number) => message(topic, number)))
    await expect.poll(() => given.length, { timeout: patienceMs }).toBeGreaterThan(9)
    await first.close()
    await expect.poll(() => given.length, { timeout: patienceMs }).toBe(60)
    expect(textsOf(given)).toEqual(Array.from({ length: 60 }, (_, number) => String(number)))
  })

  it('makes another session when its queue is deleted, and says so', async () => {
    const bus = open()
    const topic = await makeTopic(bus)
    const troubles: BusFailure[] = []
    const { given } = await read(bus, { topics: [topic], onTrouble: (failure) => troubles.push(failure) })
    await channel.queueDelete(queueOf(topic, 'readers'))
    await expect.poll(() => troubles.length, { timeout: patienceMs }).toBeGreaterThan(0)
    await expect
      .poll(
        () =>
          bus.publish([message(topic, 5)]).then(
            () => 'stored',
            () => 'refused',
          ),
        { timeout: patienceMs },
      )
      .toBe('stored')
    await expect.poll(() => textsOf(given), { timeout: patienceMs }).toContain('5')
  })

  it('says what is wrong when a queue is there with another limit', async () => {
    const topic = await makeTopic(open())
    await (await read(open(), { topics: [topic] })).close()
    const failure = await read(open({ deliveryLimit: 7 }), { topics: [topic] }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ isTransient: false, message: expect.stringContaining('x-delivery-limit') })
  })

  it('tells neither the address nor the password when it is not let in', async () => {
    const wrong = new URL(url)
    wrong.password = 'guessed'
    const bus = open({ url: wrong.href, connectTimeoutMs: 1_500 })
    const failure = await bus.publish([message('any', 1)]).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'BusFailure', isTransient: false })
    expect(String(failure)).toContain('ACCESS_REFUSED')
    expect(String(failure)).not.toMatch(/guessed|127\.0\.0\.1/)
  })

  it('has one exchange for the dead letters of all groups', async () => {
    await (await read(open(), { topics: [await makeTopic(open())] })).close()
    await channel.exchangeDeclare({ exchange: deadLetterExchange, passive: true })
  })
})

interface Reading {
  given: ReceivedMessage[]
  close(): Promise<void>
}

function message(topic: string, number: number): BusMessage {
  return { topic, orderingKey: 'store/1', headers: {}, contentType: 'text/plain', body: Buffer.from(String(number)) }
}

function textsOf(messages: readonly ReceivedMessage[]): string[] {
  return messages.map(({ body }) => Buffer.from(body).toString())
}

/** Takes the first message of the queue and goes away without a word, as a killed process does. */
async function dieWith(connection: Connection, queue: string): Promise<void> {
  const channel = await connection.acquire()
  await channel.basicQos({ prefetchCount: 1 })
  await new Promise<void>((resolve, reject) => {
    channel.basicConsume({ queue }, () => resolve()).catch(reject)
  })
  await channel.close()
}
