import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { topicOf } from '../../src/journal/relay/message.ts'
import { readRelayStatus } from '../../src/journal/relay/queries.ts'
import { appendingTills, appendSales } from '../bench/append.ts'
import type { Bench } from '../bench/bench.ts'
import { type BenchBroker, brokers } from '../bench/brokers.ts'
import { findInversions, findMissing, placeOf } from '../bench/checker.ts'
import { type BenchDatabase, openDatabase } from '../bench/database.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { startHub } from '../bench/hub.ts'
import { comesTrue, sleep } from '../bench/wait.ts'
import type { MutantName } from '../controls/mutants.ts'

const busTopicPrefix = 'faults'
const topics = [topicOf({ topicPrefix: busTopicPrefix })]
/** After the last return of the broker everything must be confirmed by then. */
const caughtUpWithinMs = 60_000
const quietMs = 20_000
/** Short, since a run has seconds. */
const relaySettings = {
  relayBatchEventsMax: 200,
  relayPublishTimeoutMs: 5_000,
  relayBackoffMaxMs: 500,
  relayPollMs: 200,
}

export interface BrokerAttack {
  rounds: number
  mutant?: MutantName
}

/** What a broker that is stopped and killed while the relay publishes has in the end, at each engine. */
export async function attackBrokers(bench: Bench, options: BrokerAttack): Promise<Figure> {
  const figures: Figure[] = []
  for (const [engine, start] of Object.entries(brokers)) {
    const broker = await start(bench)
    figures.push(
      broker
        ? await attackBroker(bench, { ...options, engine, broker })
        : makeFigure({
            runs: 0,
            text: `${engine} was not tried`,
            broken: {},
            blind: { [`${engine} is not installed: npm run services -- up ${engine} brings it here`]: true },
          }),
    )
  }
  return {
    runs: figures.reduce((sum, { runs }) => sum + runs, 0),
    text: figures.map(({ text }) => text).join('; '),
    broken: figures.flatMap(({ broken }) => broken),
    blind: figures.flatMap(({ blind }) => blind),
  }
}

interface OneBroker extends BrokerAttack {
  engine: string
  broker: BenchBroker
}

async function attackBroker(bench: Bench, { engine, broker, rounds, mutant }: OneBroker): Promise<Figure> {
  const database = await openDatabase(bench)
  const read = await followTopics(bench, broker)
  await startHub(bench, {
    name: `relay-${engine}`,
    databaseUrl: database.url,
    roles: ['relay'],
    mutant,
    settings: { ...relaySettings, busEngine: engine, busUrl: broker.url, busTopicPrefix },
  })
  let isOver = false
  let last = 0
  const selling = (async () => {
    while (!isOver) {
      last += 1
      await appendSales(database.pool, { first: last, last, goodsLines: 1 })
      await sleep(bench.dice.between(20, 100))
    }
  })()
  for (let round = 0; round < rounds; round += 1) {
    await sleep(bench.dice.between(500, 2_000))
    await (round % 2 === 0 ? broker.crash() : broker.restart())
  }
  await sleep(1_000)
  isOver = true
  await selling
  const caughtUp = await comesTrue(() => hasNoLag(database), caughtUpWithinMs, 200)
  const got = await read()
  const { rows } = await database.pool.query<{ id: string }>('select event_id as id from journal_events')
  const ids = rows.map(({ id }) => id)
  const missing = findMissing(ids, got.keys()).length
  const inversions = findInversions([...got.values()].map(placeOf)).length
  const troubles =
    (await readFile(join(bench.directory, `relay-${engine}.log`), 'utf8')).split('"part":"relay"').length - 1
  return makeFigure({
    runs: rounds,
    text: `${engine} away ${rounds} times while ${ids.length} events of ${appendingTills} tills were published: ${missing} missing, ${inversions} out of order, ${troubles} failures noticed`,
    broken: {
      [`events did not reach ${engine}`]: missing > 0,
      [`events came to ${engine} out of order`]: inversions > 0,
      [`the relay to ${engine} did not come to its end`]: !caughtUp,
    },
    // One that waits for no confirmation notices nothing.
    blind: { [`no publish met that ${engine} was away`]: mutant === undefined && troubles === 0 },
  })
}

async function hasNoLag({ pool }: BenchDatabase): Promise<boolean> {
  const [relay] = await readRelayStatus(pool)
  return relay?.lagEvents === 0
}

/** The events of a topic with their subjects, in the order in which each came first; read when everything has been published. */
async function followTopics(bench: Bench, broker: BenchBroker): Promise<() => Promise<Map<string, string>>> {
  const subscriptionOf = (onEvent: (id: string, subject: string) => void) => ({
    group: 'faults',
    topics,
    batchMax: 500,
    prefetchMax: 1_000,
    onMessages: async (messages: readonly { cloudEvent?: Readonly<Record<string, string>> }[]) => {
      for (const { cloudEvent } of messages) onEvent(cloudEvent?.id ?? '', cloudEvent?.subject ?? '')
    },
  })
  const first = broker.open('reader')
  bench.defer(() => first.close())
  await first.prepareTopics(topics.map((topic) => ({ topic, partitionsCount: 64, retentionMs: 3_600_000 })))
  // Where a queue gets only what comes after it.
  if (!first.features.replay) await (await first.subscribe(subscriptionOf(() => {}))).close()
  return async () => {
    const got = new Map<string, string>()
    let changedAt = performance.now()
    const bus = broker.open('reader')
    bench.defer(() => bus.close())
    await bus.subscribe(
      subscriptionOf((id, subject) => {
        if (!got.has(id)) got.set(id, subject)
        changedAt = performance.now()
      }),
    )
    await comesTrue(() => got.size > 0 && performance.now() - changedAt > quietMs, 120_000, 200)
    return got
  }
}
