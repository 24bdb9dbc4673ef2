/**
 * What Kafka's JavaScript clients do to messages while the broker is restarted and killed: 20 sends at once, 500 rounds, then the
 * whole topic is read back and compared with what was confirmed. `node scripts/kafka-clients/prove.ts [part of a client's name]`;
 * takes about two minutes, needs Java and Maven. The figures are in docs/decisions/0014.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'
import { killKafka, startKafka, stopKafka } from '../services/kafka-broker.ts'
import { type Candidate, candidates } from './candidates.ts'
import { readBack, type StoredMessage } from './read-back.ts'

const sendersCount = 20
const roundsCount = 500
const restartInRound = 166
const killInRound = 333
const partitionsCount = 4

interface Figures {
  client: string
  confirmed: number
  /** Confirmed, and not in the topic. */
  lost: number
  /** In the topic more than once. */
  doubled: number
  /** Of one key: a message whose first copy comes after a later message's first copy. */
  outOfOrder: number
  /** Sends that the client gave up, and that were sent again by us. */
  refused: number
  seconds: number
  longestRoundMs: number
}

async function prove(candidate: Candidate, directory: string, topic: string): Promise<Figures> {
  const { brokers, port } = await startKafka({ directory })
  await createTopic(brokers, topic)
  const sender = await candidate.open(brokers)
  const confirmed = new Set<string>()
  let refused = 0
  const sendUntilConfirmed = async (key: string, value: string): Promise<void> => {
    for (;;) {
      try {
        await sender.send({ topic, key, value })
        confirmed.add(value)
        return
      } catch {
        refused += 1
        await sleep(50)
      }
    }
  }
  const startedAt = Date.now()
  let longestRoundMs = 0
  let restarted: Promise<unknown> = Promise.resolve()
  const restart = (stop: (directory: string) => Promise<void>) => {
    restarted = restarted.then(() => stop(directory)).then(() => startKafka({ directory, port }))
  }
  for (let round = 0; round < roundsCount; round += 1) {
    if (round === restartInRound) restart(stopKafka)
    if (round === killInRound) restart(killKafka)
    const roundAt = Date.now()
    const keys = Array.from({ length: sendersCount }, (_, sender) => `key-${sender}`)
    await Promise.all(keys.map((key) => sendUntilConfirmed(key, `${key}/${round}`)))
    longestRoundMs = Math.max(longestRoundMs, Date.now() - roundAt)
  }
  const seconds = (Date.now() - startedAt) / 1_000
  await restarted
  await sender.close().catch(() => {})
  const stored = await readBack(brokers, topic)
  return { client: candidate.name, ...compare(confirmed, stored), refused, seconds, longestRoundMs }
}

function compare(confirmed: ReadonlySet<string>, stored: readonly StoredMessage[]) {
  const distinct = new Set(stored.map(({ value }) => value))
  const lastRound = new Map<string, number>()
  let outOfOrder = 0
  const seen = new Set<string>()
  for (const { key, value } of stored) {
    if (seen.has(value)) continue
    seen.add(value)
    const round = Number(value.split('/')[1])
    if (round < (lastRound.get(key) ?? -1)) outOfOrder += 1
    lastRound.set(key, Math.max(round, lastRound.get(key) ?? -1))
  }
  const lost = [...confirmed].filter((value) => !distinct.has(value)).length
  return { confirmed: confirmed.size, lost, doubled: stored.length - distinct.size, outOfOrder }
}

async function createTopic(brokers: string, topic: string): Promise<void> {
  const admin = new Admin({ clientId: 'prove', bootstrapBrokers: brokers.split(','), retries: 10 })
  await admin.createTopics({ topics: [topic], partitions: partitionsCount, replicas: 1 })
  await admin.close()
}

const wanted = process.argv[2] ?? ''
const directory = await mkdtemp(join(tmpdir(), 'prove-kafka-'))
try {
  for (const [index, candidate] of candidates.entries()) {
    if (!candidate.name.includes(wanted)) continue
    process.stdout.write(`${JSON.stringify(await prove(candidate, directory, `prove-${index}`))}\n`)
  }
} finally {
  await stopKafka(directory)
  await rm(directory, { recursive: true, force: true })
}
