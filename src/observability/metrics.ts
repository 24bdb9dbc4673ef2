import type { Attributes } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import type { Resource } from '@opentelemetry/resources'
import { AggregationTemporality, MeterProvider, type MetricReader } from '@opentelemetry/sdk-metrics'
import { catalogue, type Instrument, type InstrumentName } from './catalogue.ts'
import { mergeProcesses } from './merge-processes.ts'
import type { MetricsReport } from './metrics-report.ts'
import { observeProcess } from './observe-process.ts'
import { presentGauges } from './present-gauges.ts'

export type NamesOf<Kind> = {
  [N in InstrumentName]: (typeof catalogue)[N]['kind'] extends Kind ? N : never
}[InstrumentName]

/** Exactly the labels that the catalogue gives an instrument; `process` is added by whoever shows it. */
type LabelNames<Name extends InstrumentName> = Exclude<(typeof catalogue)[Name]['labels'][number], 'process'>
export type LabelsOf<Name extends InstrumentName> = Record<LabelNames<Name>, string>

/** Instruments without labels are recorded without them. */
export type LabelArguments<Name extends InstrumentName> = [LabelNames<Name>] extends [never]
  ? []
  : [labels: LabelsOf<Name>]

/** A value with its labels, asked for when somebody looks. */
export type Reading<Name extends InstrumentName> = {
  value: number
} & ([LabelNames<Name>] extends [never] ? unknown : { labels: LabelsOf<Name> })

export interface Metrics {
  count<Name extends NamesOf<'counter'>>(name: Name, labels: LabelsOf<Name>, value?: number): void
  record<Name extends NamesOf<'histogram'>>(name: Name, value: number, ...labels: LabelArguments<Name>): void
  /** Asks for a gauge whenever somebody looks. A read that fails costs this gauge, not the scrape. */
  observe<Name extends NamesOf<'gauge'>>(name: Name, read: () => Reading<Name>[] | Promise<Reading<Name>[]>): void
  /** Takes over what a process of the hub has counted since its last report, and how it is. */
  merge(process: string, report: MetricsReport): void
  /** A process has ended: what it counted stays, how it was does not. */
  forget(process: string): void
  /** The exposition format of Prometheus, version 0.0.4. */
  render(): Promise<string>
}

export interface MetricsOptions {
  /** Told of gauges that could not be read. */
  onError?: (error: unknown) => void
  /** Who else looks: the export to a collector. */
  readers?: MetricReader[]
  resource?: Resource
}

/** OpenTelemetry metrics, shown to Prometheus on our own route. */
export function createMetrics({ onError, readers = [], resource }: MetricsOptions = {}): Metrics {
  // Pull only: the exporter's own server is never started.
  const exporter = new PrometheusExporter({ preventServerStart: true })
  exporter.selectAggregationTemporality = presentGauges(() => AggregationTemporality.CUMULATIVE)
  const provider = new MeterProvider({ readers: [exporter, ...readers], ...(resource && { resource }) })
  const meter = provider.getMeter('tillflow')
  const counters = new Map(
    instruments('counter').map(([name, one]) => [name, meter.createCounter(one.name, { description: one.help })]),
  )
  const histograms = new Map(
    instruments('histogram').map(([name, one]) => {
      const advice = { explicitBucketBoundaries: [...one.buckets] }
      return [name, meter.createHistogram(one.name, { description: one.help, advice })]
    }),
  )
  const parts = partsByInstrument()
  const gauges = new Map<string, ReturnType<typeof meter.createObservableGauge>>()
  const gaugeOf = (name: NamesOf<'gauge'>) => {
    const { name: exposed, help } = catalogue[name]
    const gauge = gauges.get(name) ?? meter.createObservableGauge(exposed, { description: help })
    gauges.set(name, gauge)
    return gauge
  }
  const processes = mergeProcesses()
  for (const [name, one] of instruments('gauge')) {
    if (!isPerProcess(one)) continue
    gaugeOf(name as NamesOf<'gauge'>).addCallback((result) => {
      for (const { value, labels } of processes.readingsOf(name)) result.observe(value, labels)
    })
  }
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
  const count = (name: string, labels: Attributes, value = 1) => {
    counters.get(name)?.add(value, labels)
    for (const { part, label, value: wanted } of parts.get(name) ?? []) {
      if (labels[label] !== wanted) continue
      const { [label]: _, ...others } = labels
      counters.get(part)?.add(value, others)
    }
  }
  const metrics: Metrics = {
    count,
    record: (name, value, ...[labels]) => histograms.get(name)?.record(value, labels),
    observe: (name, read) => {
      const own = isPerProcess(catalogue[name]) ? { process: 'hub' } : {}
      gaugeOf(name).addCallback(async (result) => {
        try {
          for (const { value, labels } of (await read()) as { value: number; labels?: Attributes }[])
            result.observe(value, { ...own, ...labels })
        } catch (error) {
          onError?.(error)
        }
      })
    },
    merge: (process, report) => {
      for (const [name, labels, value] of report.counts) count(name, labels, value)
      for (const [name, labels, values] of report.records)
        for (const value of values) histograms.get(name)?.record(value, labels)
      processes.keep(process, report)
    },
    forget: processes.forget,
    render: async () => {
      const { resourceMetrics } = await exporter.collect()
      return serializer.serialize(resourceMetrics)
    },
  }
  observeProcess(metrics)
  return metrics
}

function isPerProcess(one: Instrument): boolean {
  return one.kind === 'gauge' && one.perProcess === true
}

function instruments<Kind extends Instrument['kind']>(kind: Kind): [string, Extract<Instrument, { kind: Kind }>][] {
  return Object.entries<Instrument>(catalogue).filter(
    (entry): entry is [string, Extract<Instrument, { kind: Kind }>] => entry[1].kind === kind,
  )
}

function partsByInstrument(): Map<string, { part: string; label: string; value: string }[]> {
  const parts = new Map<string, { part: string; label: string; value: string }[]>()
  for (const [part, { partOf }] of instruments('counter')) {
    if (!partOf) continue
    const { instrument, label, value } = partOf
    parts.set(instrument, [...(parts.get(instrument) ?? []), { part, label, value }])
  }
  return parts
}
