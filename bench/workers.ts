import { randomBytes } from 'node:crypto'
import { silentLogger } from '../src/contract/logger.ts'
import { createPool } from '../src/database/pool.ts'
import { startTestServer, type TestServer } from '../src/testing/database/test-server.ts'
import { fillJournal } from './fill-journal.ts'
import { findBusUrl } from './find-bus-url.ts'
import { median, pairsDefault } from './pairs.ts'
import { PostgresCpu } from './postgres-cpu.ts'
import { makeReceipts } from './receipts.ts'
import type { BenchResult } from './result.ts'
import { startWorkers } from './workers/worker-processes.ts'

const eventsCount = 24_000
/** Before them, so that topics are there, groups settled and code compiled on both sides. */
const eventsToWarm = 3_000
const tillsCount = 100
/** A retailer's: ERP, OMS, shop, CRM, inventory, loyalty, books, figures. Each reads the journal once more, and the bus no more than before. */
const targetsCount = 8
const deliveriesCount = eventsCount * targetsCount

interface Measured {
  perSecond: number
  /** Of all processes of PostgreSQL but the one that appended the events. */
  cpuMsPerEvent: number
  /** Of the connections of the relay. */
  relayCpuMsPerEvent: number
}

/**
 * Two delivery processes for eight targets, from the moment in which events are appended until all are delivered: fed by
 * Kafka, the relay included, against reading the journal.
 */
export async function benchWorkers(pairs = pairsDefault): Promise<BenchResult> {
  const busUrl = await findBusUrl('kafka')
  if (busUrl === undefined) throw new Error('the benchmark needs Kafka: npm run services -- up kafka')
  const server = await startTestServer({ alone: true })
  try {
    await quieten(server)
    const measure = async (feed: 'bus' | 'journal') => {
      // Of its own each time: nothing is warm for one side only.
      const database = await server.createDatabase()
      return deliverAll(database.url, feed, busUrl).finally(() => database.drop())
    }
    await measure('journal')
    const speeds: number[] = []
    const cpus: number[] = []
    for (let pair = 0; pair < pairs; pair += 1) {
      const first = pair % 2 === 0 ? 'bus' : 'journal'
      const one = await measure(first)
      const other = await measure(first === 'bus' ? 'journal' : 'bus')
      const [ours, theirs] = first === 'bus' ? [one, other] : [other, one]
      speeds.push(ours.perSecond / theirs.perSecond)
      cpus.push(ours.cpuMsPerEvent / theirs.cpuMsPerEvent)
      process.stderr.write(`workers: pair ${pair + 1}/${pairs}: bus ${tell(ours)}; journal ${tell(theirs)}\n`)
    }
    const name = `two processes for ${targetsCount} targets, fed by Kafka against reading the journal`
    return {
      name: 'workers',
      ratios: [
        { name: `${name}: deliveries a second, relay included`, value: median(speeds), goal: 1, better: 'higher' },
        { name: `${name}: CPU of PostgreSQL, relay included`, value: median(cpus), goal: 0.5, better: 'lower' },
      ],
    }
  } finally {
    await server.stop()
  }
}

/** What vacuum spends on the journal that both sides were given falls on either by chance. */
async function quieten(server: TestServer): Promise<void> {
  const { pool, drop } = await server.createDatabase()
  await pool.query('alter system set autovacuum = off')
  await pool.query('select pg_reload_conf()')
  await drop()
}

function tell({ perSecond, cpuMsPerEvent, relayCpuMsPerEvent }: Measured): string {
  return `${Math.round(perSecond)}/s, PostgreSQL ${cpuMsPerEvent.toFixed(3)} ms an event, of which relay ${relayCpuMsPerEvent.toFixed(3)}`
}

async function deliverAll(url: string, feed: 'bus' | 'journal', busUrl: string): Promise<Measured> {
  const topicPrefix = `bench.${randomBytes(4).toString('hex')}`
  const filling = createPool({ url, sizeMax: 1, applicationName: 'bench-fill', logger: silentLogger })
  const workers = await startWorkers({ url, feed, busUrl, topicPrefix, targetsCount })
  try {
    const receipts = makeReceipts(eventsToWarm + eventsCount, 1)
    await fillJournal(filling, receipts.splice(0, eventsToWarm), tillsCount)
    await workers.settled(eventsToWarm * targetsCount)
    const cpu = await PostgresCpu.start(filling)
    const startedAt = performance.now()
    await fillJournal(filling, receipts, tillsCount)
    await workers.settled((eventsToWarm + eventsCount) * targetsCount)
    const seconds = (performance.now() - startedAt) / 1_000
    const { totalMs, relayMs } = await cpu.read(filling)
    return {
      perSecond: deliveriesCount / seconds,
      cpuMsPerEvent: totalMs / eventsCount,
      relayCpuMsPerEvent: relayMs / eventsCount,
    }
  } finally {
    await workers.stop()
    await filling.end()
  }
}
