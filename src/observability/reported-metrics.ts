import { catalogue, type Instrument } from './catalogue.ts'
import type { Metrics } from './metrics.ts'
import type { MetricsReport } from './metrics-report.ts'
import { observeProcess } from './observe-process.ts'

export interface ReportedMetrics extends Metrics {
  /** Reports what there is, then no more. */
  stop(): Promise<void>
}

export interface ReportOptions {
  /** Resolves when the report is on its way. */
  send(report: MetricsReport): Promise<void>
  everyMs?: number
}

type Labels = Record<string, string>
type Count = MetricsReport['counts'][number]
type Values = MetricsReport['records'][number]
type GaugeReader = () => unknown[] | Promise<unknown[]>

/** So many values of histograms are told without waiting for the time. */
const valuesMax = 5_000

/**
 * The metrics of a process that nobody can scrape: every second it tells its hub what it counted since. The hub keeps the
 * sums, so they never go back when such a process ends and another takes its place; one that is killed takes the counts of
 * its last second with it. Gauges of the database are the hub's to read.
 */
export function createReportedMetrics({ send, everyMs = 1_000 }: ReportOptions): ReportedMetrics {
  const counts = new Map<string, Count>()
  const records = new Map<string, Values>()
  const gauges = new Map<string, GaugeReader>()
  let valuesCount = 0

  const report = async () => {
    const taken = { counts: [...counts.values()], records: [...records.values()] }
    counts.clear()
    records.clear()
    valuesCount = 0
    await send({ kind: 'tillflow-metrics', ...taken, gauges: await readAll(gauges) })
  }
  // A hub that is gone has no ears; this process ends with it.
  const reportQuietly = () => report().catch(() => {})
  const timer = setInterval(reportQuietly, everyMs)
  timer.unref()

  const metrics: ReportedMetrics = {
    count: (name, labels: Labels, value = 1) => {
      const entry = entryOf<Count>(counts, name, labels, () => [name, labels, 0])
      entry[2] += value
    },
    record: (name, value, ...[labels]) => {
      entryOf<Values>(records, name, labels ?? {}, () => [name, labels ?? {}, []])[2].push(value)
      valuesCount += 1
      if (valuesCount >= valuesMax) void reportQuietly()
    },
    observe: (name, read) => {
      const one: Instrument = catalogue[name]
      if (one.kind === 'gauge' && one.perProcess) gauges.set(name, read)
    },
    merge: () => {},
    forget: () => {},
    render: async () => '',
    stop: async () => {
      clearInterval(timer)
      await reportQuietly()
    },
  }
  observeProcess(metrics)
  return metrics
}

function entryOf<Entry>(entries: Map<string, Entry>, name: string, labels: Labels, make: () => Entry): Entry {
  const key = `${name} ${JSON.stringify(labels)}`
  const known = entries.get(key)
  if (known) return known
  const entry = make()
  entries.set(key, entry)
  return entry
}

async function readAll(gauges: ReadonlyMap<string, GaugeReader>): Promise<MetricsReport['gauges']> {
  const read = [...gauges].map(async ([name, reader]): Promise<MetricsReport['gauges'][number]> => {
    const readings = await (async () => reader())().catch(() => [])
    return [name, readings as MetricsReport['gauges'][number][1]]
  })
  return Promise.all(read)
}
