import { randomBytes, randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { findBusEngine } from '../src/buses/index.ts'
import type { Bus, BusMessage } from '../src/contract/bus.ts'
import { systemClock, systemRandom } from '../src/contract/clock.ts'
import { silentLogger } from '../src/contract/logger.ts'
import { createPool } from '../src/database/pool.ts'
import { readUnreadEventsAfter } from '../src/journal/queries.ts'
import { type MessageOptions, toBusMessage, topicOf } from '../src/journal/relay/message.ts'
import { createPostgresRelayStore } from '../src/journal/relay/postgres-store.ts'
import { Relay } from '../src/journal/relay/relay.ts'
import { shardsCount } from '../src/journal/shard.ts'
import { loadMasterKey } from '../src/privacy/encryption/master-key.ts'
import { createReferences, type Reference } from '../src/privacy/references.ts'
import { startTestServer } from '../src/testing/database/test-server.ts'
import { fillJournal } from './fill-journal.ts'
import { findBusUrl } from './find-bus-url.ts'
import { medianOfPairs, pairsDefault } from './pairs.ts'
import { makeReceipts } from './receipts.ts'
import type { BenchResult, Ratio } from './result.ts'

const eventsCount = 10_000
const tillsCount = 100
export const relayLimits = {
  batchEventsMax: 1_000,
  publishesMax: 4,
  leaseMs: 30_000,
  pollMs: 1_000,
  publishTimeoutMs: 60_000,
  backoffBaseMs: 500,
  backoffMaxMs: 5_000,
  retentionMs: 3_600_000,
}

export interface RelayBenchOptions {
  bus?: string | undefined
  busUrl?: string | undefined
}

/** The journal to each bus that is up, against the same client that sends the same bytes from memory and waits for the same confirmations. */
export async function benchRelay(pairs = pairsDefault, options: RelayBenchOptions = {}): Promise<BenchResult> {
  const engines = options.bus === undefined ? ['postgres', 'kafka', 'rabbitmq'] : [options.bus]
  const server = await startTestServer({ alone: true })
  const [database, busDatabase] = [await server.createDatabase(), await server.createDatabase()]
  const pool = createPool({ url: database.url, sizeMax: 6, applicationName: 'bench', logger: silentLogger })
  const refer = createReferences(await loadMasterKey({ masterKey: '22'.repeat(32), masterKeyFile: '' }))
  try {
    await fillJournal(pool, makeReceipts(eventsCount, 1), tillsCount)
    await pool.query('vacuum analyze journal_events')
    const ratios: Ratio[] = []
    for (const engine of engines) {
      const url = options.busUrl ?? (engine === 'postgres' ? busDatabase.url : await findBusUrl(engine))
      if (url !== undefined) ratios.push(await compare({ engine, url, pool, refer, pairs }))
    }
    return { name: 'relay', ratios }
  } finally {
    await pool.end()
    await server.stop()
  }
}

interface Comparison {
  engine: string
  url: string
  pool: Pool
  refer: Reference
  pairs: number
}

async function compare({ engine, url, pool, refer, pairs }: Comparison): Promise<Ratio> {
  const bus = await findBusEngine(engine)({ url, compression: 'none', clientName: 'bench', logger: silentLogger })
  try {
    const ours = () => relayAll(pool, bus, messageOptions(refer))
    const theirs = () => sendFromMemory(pool, bus, messageOptions(refer))
    // Once each, so that connections, plans and code are warm.
    await ours()
    await theirs()
    const value = await medianOfPairs(`relay/${engine}`, pairs, ours, theirs)
    const name = `the journal to ${engine} against the same bytes from memory, same client and confirmations`
    return { name, value, goal: 0.5, better: 'higher' }
  } finally {
    await bus.close()
  }
}

/** Topics of their own for each run, so that none reads or stores into what another one left. */
function messageOptions(refer: Reference): MessageOptions {
  return {
    topicPrefix: `bench.${randomBytes(4).toString('hex')}`,
    eventSource: '/bench',
    journalId: randomUUID(),
    refer,
  }
}

/** Events per second, from the start of the relay until the cursor is behind the last one. */
async function relayAll(pool: Pool, bus: Bus, message: MessageOptions): Promise<number> {
  let published = 0
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const relay = new Relay(
    {
      store: createPostgresRelayStore(pool, message.topicPrefix),
      bus,
      message,
      owner: randomUUID(),
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      onPublished: (count) => {
        published += count
        if (published >= eventsCount) resolve()
      },
    },
    relayLimits,
  )
  await prepare(bus, message)
  const startedAt = performance.now()
  const running = relay.run()
  await done
  const perSecond = eventsCount / ((performance.now() - startedAt) / 1_000)
  relay.stop()
  await running
  return perSecond
}

async function sendFromMemory(pool: Pool, bus: Bus, message: MessageOptions): Promise<number> {
  const events = await readUnreadEventsAfter(pool, { xid: '0', position: '0' }, eventsCount)
  const batches: BusMessage[][][] = []
  for (let from = 0; from < events.length; from += relayLimits.batchEventsMax) {
    const parts: BusMessage[][] = Array.from({ length: relayLimits.publishesMax }, () => [])
    for (const event of events.slice(from, from + relayLimits.batchEventsMax)) {
      parts[event.shard % parts.length]?.push(toBusMessage(event, message, event))
    }
    batches.push(parts)
  }
  await prepare(bus, message)
  const startedAt = performance.now()
  for (const parts of batches) await Promise.all(parts.map((part) => bus.publish(part)))
  return eventsCount / ((performance.now() - startedAt) / 1_000)
}

function prepare(bus: Bus, message: MessageOptions): Promise<void> {
  return bus.prepareTopics([
    { topic: topicOf(message), partitionsCount: shardsCount, retentionMs: relayLimits.retentionMs },
  ])
}
