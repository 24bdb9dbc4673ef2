import { describe, expect, it } from 'vitest'
import { catalogue, exposedName, type Instrument } from './catalogue.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { metricsReference } from './metrics-reference.ts'

interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

/** The text format of Prometheus, version 0.0.4, read strictly: every sample belongs to a family with HELP and TYPE before it. */
function parseExposition(text: string): { families: Map<string, { type: string; help: string }>; samples: Sample[] } {
  const families = new Map<string, { type: string; help: string }>()
  const helps = new Map<string, string>()
  const samples: Sample[] = []
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line)
    if (comment) {
      const [, kind, name = '', rest = ''] = comment
      if (kind === 'HELP') helps.set(name, rest)
      else {
        expect(families.has(name), `${name} is announced once`).toBe(false)
        families.set(name, { type: rest, help: helps.get(name) ?? '' })
      }
      continue
    }
    const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (!sample) throw new Error(`not a line of the format: ${line}`)
    const [, name = '', labels = '', value = ''] = sample
    const family = name.replace(/_(bucket|sum|count)$/, '')
    expect(families.has(name) || families.get(family)?.type === 'histogram', `${name} has a TYPE before it`).toBe(true)
    samples.push({
      name,
      labels: parseLabels(labels),
      value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value),
    })
  }
  return { families, samples }
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const pair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/.exec(rest)
    if (!pair) throw new Error(`not a label: ${rest}`)
    const [whole, name = '', value = ''] = pair
    labels[name] = value.replace(/\\([\\"n])/g, (_, one: string) => (one === 'n' ? '\n' : one))
    rest = rest.slice(whole.length)
  }
  return labels
}

async function samplesOf(metrics: Metrics, name: string): Promise<Omit<Sample, 'name'>[]> {
  const { samples } = parseExposition(await metrics.render())
  return samples.filter((sample) => sample.name === name).map(({ labels, value }) => ({ labels, value }))
}

/** Every instrument of the catalogue once, by its kind. */
function useEverything(metrics: Metrics): void {
  const anyMetrics = metrics as unknown as Record<'count' | 'record' | 'observe', (...args: unknown[]) => void>
  for (const [name, one] of Object.entries<Instrument>(catalogue)) {
    if (name === 'eventLoopLag' || name.startsWith('process')) continue
    const labels = Object.fromEntries(one.labels.filter((label) => label !== 'process').map((label) => [label, 'x']))
    if (one.kind === 'counter') anyMetrics.count(name, labels)
    else if (one.kind === 'histogram') anyMetrics.record(name, 1, labels)
    else anyMetrics.observe(name, () => [{ value: 1, labels }])
  }
}

describe('the metrics', () => {
  it('show every instrument of the catalogue with its name, type, help and labels', async () => {
    const metrics = createMetrics()
    useEverything(metrics)
    const { families, samples } = parseExposition(await metrics.render())
    expect([...families.keys()].sort()).toEqual(Object.values(catalogue).map(exposedName).sort())
    for (const one of Object.values<Instrument>(catalogue)) {
      const name = exposedName(one)
      expect(families.get(name)).toEqual({ type: one.kind, help: one.help })
      const sample = samples.find((candidate) => candidate.name === (one.kind === 'histogram' ? `${name}_count` : name))
      expect(Object.keys(sample?.labels ?? {}), name).toEqual([...one.labels])
    }
  })

  it('escape what a label holds', async () => {
    const metrics = createMetrics()
    const source = 'a "quoted" \\ name\nof two lines, {odd="1"}'
    metrics.count('ingestRequests', { source, code: 'recorded' }, 3)
    expect(await samplesOf(metrics, 'tillflow_ingest_requests_total')).toEqual([
      { labels: { source, code: 'recorded' }, value: 3 },
    ])
  })

  it('have cumulative buckets that end in all of it', async () => {
    const metrics = createMetrics()
    for (const size of [1, 2, 2, 300, 9_999]) metrics.record('ingestGroupSize', size)
    const buckets = await samplesOf(metrics, 'tillflow_ingest_group_size_bucket')
    expect(buckets.map(({ labels }) => labels.le)).toEqual([...catalogue.ingestGroupSize.buckets.map(String), '+Inf'])
    const counts = buckets.map(({ value }) => value)
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    expect([counts[0], counts[1], counts.at(-2), counts.at(-1)]).toEqual([1, 3, 4, 5])
    expect(await samplesOf(metrics, 'tillflow_ingest_group_size_sum')).toEqual([{ labels: {}, value: 10_304 }])
  })

  it('count an answer in its own counter too', async () => {
    const metrics = createMetrics()
    for (const code of ['recorded', 'duplicate', 'duplicate', 'conflict', 'schema-violation'])
      metrics.count('ingestRequests', { source: 'poslog', code })
    expect(await samplesOf(metrics, 'tillflow_duplicates_total')).toEqual([{ labels: { source: 'poslog' }, value: 2 }])
    expect(await samplesOf(metrics, 'tillflow_conflicts_total')).toEqual([{ labels: { source: 'poslog' }, value: 1 }])
    expect(await samplesOf(metrics, 'tillflow_quarantined_total')).toEqual([])
  })

  it('name only instruments, labels and values that exist as the whole of a part', () => {
    for (const one of Object.values<Instrument>(catalogue)) {
      if (one.kind !== 'counter' || !one.partOf) continue
      const whole: Instrument | undefined = Object.entries(catalogue).find(
        ([name]) => name === one.partOf?.instrument,
      )?.[1]
      expect(whole?.labels.filter((label) => label !== one.partOf?.label)).toEqual([...one.labels])
    }
  })

  it('ask a gauge whenever somebody looks', async () => {
    const metrics = createMetrics()
    let pending = 1
    metrics.observe('outboxPending', async () => [{ value: pending, labels: { destination: 'erp' } }])
    expect(await samplesOf(metrics, 'tillflow_outbox_pending')).toEqual([{ labels: { destination: 'erp' }, value: 1 }])
    pending = 7
    expect(await samplesOf(metrics, 'tillflow_outbox_pending')).toEqual([{ labels: { destination: 'erp' }, value: 7 }])
  })

  it('show of a gauge what is there now, not what was', async () => {
    const metrics = createMetrics()
    let reason = 'operator'
    metrics.observe('targetsPaused', () => [{ value: 1, labels: { destination: 'erp', reason } }])
    await metrics.render()
    reason = 'gone'
    expect(await samplesOf(metrics, 'tillflow_target_paused')).toEqual([
      { labels: { destination: 'erp', reason: 'gone' }, value: 1 },
    ])
  })

  it('lose a gauge that cannot be read, not the scrape', async () => {
    const errors: unknown[] = []
    const metrics = createMetrics({ onError: (error) => errors.push(error) })
    const failure = new Error('no database')
    metrics.observe('sequenceGapsOpen', () => Promise.reject(failure))
    metrics.count('unknownValues', { source: 'poslog' })
    expect(await samplesOf(metrics, 'tillflow_unknown_values_total')).toHaveLength(1)
    expect(await samplesOf(metrics, 'tillflow_sequence_gaps_open')).toEqual([])
    expect(errors).toEqual([failure, failure])
  })

  it('say how the process is', async () => {
    const metrics = createMetrics()
    const [memory] = await samplesOf(metrics, 'tillflow_process_resident_memory_bytes')
    expect(memory?.value).toBeGreaterThan(1e6)
    const [lag] = await samplesOf(metrics, 'tillflow_event_loop_lag_seconds')
    expect(lag?.value).toBeGreaterThanOrEqual(0)
  })

  it('are all in the reference', () => {
    for (const one of Object.values(catalogue)) expect(metricsReference()).toContain(`| \`${exposedName(one)}\` |`)
  })
})
