import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Attributes, Histogram, ObservableResult } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { AggregationType, MeterProvider } from '@opentelemetry/sdk-metrics'
import { catalogue, durationBuckets, type Instrument, type InstrumentName } from './catalogue.ts'

type NamesOf<Kind> = { [N in InstrumentName]: (typeof catalogue)[N]['kind'] extends Kind ? N : never }[InstrumentName]

/** A value with its labels, asked for at scrape time. */
export interface Reading {
  value: number
  labels?: Attributes
}

export interface Metrics {
  count(name: NamesOf<'counter'>, labels: Attributes, value?: number): void
  record(name: NamesOf<'histogram'>, value: number, labels?: Attributes): void
  /** Asks for a gauge whenever somebody looks. */
  observe(name: NamesOf<'gauge'>, read: () => Reading[] | Promise<Reading[]>): void
  /** The exposition format of Prometheus. */
  render(): Promise<string>
}

/** OpenTelemetry metrics, shown to Prometheus on our own route. */
export function createMetrics(): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({
    readers: [exporter],
    views: [
      {
        instrumentName: 'tillflow_*',
        instrumentUnit: 's',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: durationBuckets } },
        meterName: 'tillflow-durations',
      },
    ],
  })
  const meter = provider.getMeter('tillflow')
  const durations = provider.getMeter('tillflow-durations')
  const optionsOf = ({ unit, help }: Instrument) => ({ unit, description: help })
  const counters = new Map(
    instruments('counter').map(([name, one]) => [name, meter.createCounter(one.name, optionsOf(one))]),
  )
  const histograms = new Map<string, Histogram>(
    instruments('histogram').map(([name, one]) => [
      name,
      (one.unit === 's' ? durations : meter).createHistogram(one.name, optionsOf(one)),
    ]),
  )
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
  const metrics: Metrics = {
    count: (name, labels, value = 1) => counters.get(name)?.add(value, labels),
    record: (name, value, labels) => histograms.get(name)?.record(value, labels),
    observe: (name, read) => {
      const gauge = meter.createObservableGauge(catalogue[name].name, optionsOf(catalogue[name]))
      gauge.addCallback(async (result: ObservableResult) => {
        for (const { value, labels } of await read()) result.observe(value, labels)
      })
    },
    render: async () => {
      const { resourceMetrics } = await exporter.collect()
      return serializer.serialize(resourceMetrics)
    },
  }
  observeProcess(metrics)
  return metrics
}

function instruments(kind: Instrument['kind']): [string, Instrument][] {
  return Object.entries(catalogue).filter(([, one]) => one.kind === kind)
}

function observeProcess(metrics: Metrics): void {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  metrics.observe('eventLoopLag', () => {
    const seconds = delay.percentile(99) / 1e9
    delay.reset()
    return [{ value: Number.isFinite(seconds) ? seconds : 0 }]
  })
  metrics.observe('processMemory', () => [{ value: process.memoryUsage.rss() }])
}
