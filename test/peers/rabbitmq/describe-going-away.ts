import { afterAll, expect, it } from 'vitest'
import { createRabbitMqBus } from '../../../src/buses/rabbitmq/bus.ts'
import { type Bus, BusFailure, type BusMessage, type ReceivedMessage } from '../../../src/contract/bus.ts'
import type { OwnBroker } from './own-broker.ts'

const publishersCount = 20
const roundsCount = 200
const restartRounds = new Map<number, 'restart' | 'crash'>([
  [60, 'restart'],
  [140, 'crash'],
])
const topic = 'restart.numbers'
/** The client itself would notice after forty seconds. */
const closeMaxMs = 30_000

/** What is confirmed is there, whatever becomes of the broker meanwhile. */
export function describeGoingAway(broker: OwnBroker): void {
  const buses: Bus[] = []
  const open = (options: { publishTimeoutMs?: number } = {}): Bus => {
    const bus = createRabbitMqBus({ url: broker.url, publishTimeoutMs: 5_000, ...options })
    buses.push(bus)
    return bus
  }

  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close()))
  })

  it('gives up a publishing that nobody confirms, and repeats it on another connection', async () => {
    const bus = open({ publishTimeoutMs: 1_000 })
    await bus.prepareTopics([{ topic, partitionsCount: 1, retentionMs: 0 }])
    await (await bus.subscribe(subscription(async () => {}, 'patient'))).close()
    await bus.publish([numbered(0, 0)])
    const goOn = await broker.freeze()
    const failure = await bus.publish([numbered(0, 1)]).catch((error: unknown) => error)
    goOn()
    expect(failure).toMatchObject({
      name: 'BusFailure',
      isTransient: true,
      message: expect.stringContaining('1000 ms'),
    })
    await publishUntilConfirmed(bus, numbered(0, 1))
    await publishUntilConfirmed(bus, numbered(0, 2))
    const read = await readAll(open(), 3, 'patient')
    expect([...new Set(read)]).toEqual(['0:0', '0:1', '0:2'])
  })

  it('does not wait for a broker that answers nothing when it is closed', async () => {
    const bus = open()
    await bus.prepareTopics([{ topic, partitionsCount: 1, retentionMs: 0 }])
    await bus.subscribe(subscription(async () => {}, 'frozen'))
    await bus.publish([numbered(0, 0)])
    const goOn = await broker.freeze()
    const startedAt = Date.now()
    await bus.close()
    goOn()
    expect(Date.now() - startedAt).toBeLessThan(closeMaxMs)
  })

  it('holds exactly what was acknowledged, in the order of every key, stopped and killed while twenty publish', async () => {
    const bus = open()
    await bus.prepareTopics([{ topic, partitionsCount: 1, retentionMs: 0 }])
    await (await bus.subscribe(subscription(async () => {}))).close()
    const acknowledged: string[] = []
    let failuresCount = 0
    let restarting: Promise<void> | undefined
    for (let round = 0; round < roundsCount; round += 1) {
      const how = restartRounds.get(round)
      if (how !== undefined) {
        await restarting
        restarting = broker[how]()
      }
      const sends = Array.from({ length: publishersCount }, async (_, publisher) => {
        failuresCount += await publishUntilConfirmed(bus, numbered(publisher, round))
        acknowledged.push(`${publisher}:${round}`)
      })
      // The broker goes away while they are on their way.
      await Promise.all(sends)
    }
    await restarting
    expect(failuresCount).toBeGreaterThan(0)
    expect(acknowledged.length).toBe(publishersCount * roundsCount)

    const read = await readAll(open(), acknowledged.length)
    expect([...new Set(read)].sort()).toEqual([...acknowledged].sort())
    const numbersOf = Map.groupBy(new Set(read), (id) => id.split(':')[0])
    for (const ids of numbersOf.values()) {
      expect(ids.map((id) => Number(id.split(':')[1]))).toEqual(Array.from({ length: roundsCount }, (_, at) => at))
    }
  })
}

function subscription(onMessages: (messages: readonly ReceivedMessage[]) => Promise<void>, group = 'counting') {
  return { group, topics: [topic], batchMax: 500, prefetchMax: 1_000, onMessages }
}

function numbered(publisher: number, round: number): BusMessage {
  return {
    topic,
    orderingKey: `store/${publisher}`,
    headers: {},
    contentType: 'text/plain',
    body: Buffer.from(`${publisher}:${round}`),
  }
}

/** Publishes again until it is confirmed; gives the number of failures before. */
async function publishUntilConfirmed(bus: Bus, message: BusMessage): Promise<number> {
  for (let failuresCount = 0; ; failuresCount += 1) {
    try {
      await bus.publish([message])
      return failuresCount
    } catch (error) {
      if (!(error instanceof BusFailure && error.isTransient)) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** What the queue holds, in its order, until so many different messages have come and a second passes without another. */
async function readAll(bus: Bus, count: number, group?: string): Promise<string[]> {
  const read: string[] = []
  const different = new Set<string>()
  let lastAt = Date.now()
  const consumer = await bus.subscribe(
    subscription(async (messages) => {
      for (const { body } of messages) {
        const id = Buffer.from(body).toString()
        read.push(id)
        different.add(id)
      }
      lastAt = Date.now()
    }, group),
  )
  while (Date.now() - lastAt < (different.size < count ? 20_000 : 1_000)) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await consumer.close()
  return read
}
