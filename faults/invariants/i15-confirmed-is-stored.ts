import { type Bus, BusFailure, type BusMessage } from '../../src/contract/bus.ts'
import type { Bench } from '../bench/bench.ts'
import { type BenchBroker, brokers } from '../bench/brokers.ts'
import { findMissing } from '../bench/checker.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { comesTrue, sleep } from '../bench/wait.ts'
import type { Invariant } from './invariant.ts'

const publishersCount = 20
const topic = 'faults.confirmed'
const group = 'faults'
/** So long a publisher without confirmations takes for each message. */
const unconfirmedMs = 40

/** Resolves when the publisher believes that the message is stored, with the failures before. */
type Publish = (bus: Bus, message: BusMessage) => Promise<number>

interface Course {
  acknowledged: string[]
  read: Set<string>
  failures: number
}

/** Twenty publishers go on while their broker is stopped, and killed; then another consumer reads what is there. */
async function publishThrough(bench: Bench, broker: BenchBroker, rounds: number, publish: Publish): Promise<Course> {
  const bus = broker.open('publisher')
  bench.defer(() => bus.close())
  await bus.prepareTopics([{ topic, partitionsCount: 4, retentionMs: 3_600_000 }])
  // Where a queue gets only what comes after it.
  if (!bus.features.replay) await (await bus.subscribe(subscribe(async () => {}))).close()
  const acknowledged: string[] = []
  let failures = 0
  let away = Promise.resolve()
  for (let round = 0; round < rounds; round += 1) {
    if (round === Math.floor(rounds / 3)) away = broker.crash()
    if (round === Math.floor((rounds * 2) / 3)) away = away.then(() => broker.restart())
    const sends = Array.from({ length: publishersCount }, async (_, publisher) => {
      failures += await publish(bus, numbered(publisher, round))
      acknowledged.push(`${publisher}:${round}`)
    })
    await Promise.all(sends)
  }
  await away
  return { acknowledged, read: await readBack(bench, broker, acknowledged), failures }
}

async function readBack(bench: Bench, broker: BenchBroker, wanted: readonly string[]): Promise<Set<string>> {
  const read = new Set<string>()
  let lastAt = performance.now()
  const bus = broker.open('reader')
  bench.defer(() => bus.close())
  await bus.subscribe(
    subscribe(async (messages) => {
      for (const { body } of messages) read.add(Buffer.from(body).toString())
      lastAt = performance.now()
    }),
  )
  await comesTrue(() => findMissing(wanted, read).length === 0 || performance.now() - lastAt > 20_000, 120_000, 200)
  return read
}

function subscribe(onMessages: (messages: readonly BusMessage[]) => Promise<void>) {
  return { group, topics: [topic], batchMax: 500, prefetchMax: 1_000, onMessages }
}

function numbered(publisher: number, round: number): BusMessage {
  const body = Buffer.from(`${publisher}:${round}`)
  return { topic, orderingKey: `store/${publisher}`, headers: {}, contentType: 'text/plain', body }
}

/** As the relay does: what was not confirmed is published again. */
const untilConfirmed: Publish = async (bus, message) => {
  for (let failures = 0; ; failures += 1) {
    try {
      await bus.publish([message])
      return failures
    } catch (error) {
      if (!(error instanceof BusFailure && error.isTransient)) throw error
      await sleep(100)
    }
  }
}

/** Sent is believed to be stored. Some hundreds wait for the broker at most: of thousands the client fails all at once, one within the other. */
const withoutConfirmation: Publish = async (bus, message) => {
  const sent = bus.publish([message]).catch(() => {})
  await Promise.race([sent, sleep(unconfirmedMs)])
  return 0
}

async function attack(bench: Bench, rounds: number, publish: Publish): Promise<Figure> {
  const said: string[] = []
  const broken: Record<string, boolean> = {}
  const blind: Record<string, boolean> = {}
  let runs = 0
  for (const [name, start] of Object.entries(brokers)) {
    const broker = await start(bench)
    if (!broker) {
      blind[`${name} is not installed: npm run services -- up ${name} brings it here`] = true
      continue
    }
    const { acknowledged, read, failures } = await publishThrough(bench, broker, rounds, publish)
    const lost = findMissing(acknowledged, read).length
    const unknown = findMissing(read, acknowledged).length
    runs += acknowledged.length
    said.push(
      `${name}: ${acknowledged.length} acknowledged, ${lost} not stored, ${unknown} stored that nobody acknowledged, ${failures} published again`,
    )
    broken[`${name} lost what was acknowledged`] = lost > 0
    broken[`${name} holds what was never acknowledged`] = unknown > 0
    blind[`no publisher noticed that ${name} was away`] = publish === untilConfirmed && failures === 0
  }
  return makeFigure({ runs, text: said.join('; '), broken, blind })
}

export const confirmedIsStored: Invariant = {
  id: 'I15',
  promise: 'What a broker has acknowledged is stored, whether it is stopped or killed',
  // A control shows something of each engine only if it is seen at each.
  controlBreaks: ['kafka lost what was acknowledged', 'rabbitmq lost what was acknowledged'],
  // Brokers take their time to start, and not every machine has them.
  profiles: ['nightly'],
  run: (bench) => attack(bench, bench.choose({ quick: 60, nightly: 500 }), untilConfirmed),
  control: (bench) => attack(bench, 300, withoutConfirmation),
}
