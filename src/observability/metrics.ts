import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Attributes, ObservableResult } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { catalogue, type Instrument, type InstrumentName } from './catalogue.ts'

type NamesOf<Kind> = { [N in InstrumentName]: (typeof catalogue)[N]['kind'] extends Kind ? N : never }[InstrumentName]

/** Exactly the labels that the catalogue gives an instrument. */
type LabelsOf<Name extends InstrumentName> = Record<(typeof catalogue)[Name]['labels'][number], string>

/** Instruments without labels are recorded without them. */
type LabelArguments<Name extends InstrumentName> = (typeof catalogue)[Name]['labels'] extends readonly []
  ? []
  : [labels: LabelsOf<Name>]

/** A value with its labels, asked for at scrape time. */
export type Reading<Name extends InstrumentName> = {
  value: number
} & ((typeof catalogue)[Name]['labels'] extends readonly [] ? unknown : { labels: LabelsOf<Name> })

export interface Metrics {
  count<Name extends NamesOf<'counter'>>(name: Name, labels: LabelsOf<Name>, value?: number): void
  record<Name extends NamesOf<'histogram'>>(name: Name, value: number, ...labels: LabelArguments<Name>): void
  /** Asks for a gauge whenever somebody looks. A read that fails costs this gauge, not the scrape. */
  observe<Name extends NamesOf<'gauge'>>(name: Name, read: () => Reading<Name>[] | Promise<Reading<Name>[]>): void
  /** The exposition format of Prometheus, version 0.0.4. */
  render(): Promise<string>
}

/** OpenTelemetry metrics, shown to Prometheus on our own route. `onError` is told of gauges that could not be read. */
export function createMetrics(options: { onError?: (error: unknown) => void } = {}): Metrics {
  // Pull only: the exporter's own server is never started.
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const meter = new MeterProvider({ readers: [exporter] }).getMeter('tillflow')
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
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
  const metrics: Metrics = {
    count: (name, labels: Attributes, value = 1) => {
      counters.get(name)?.add(value, labels)
      for (const { part, label, value: wanted } of parts.get(name) ?? []) {
        if (labels[label] !== wanted) continue
        const { [label]: _, ...others } = labels
        counters.get(part)?.add(value, others)
      }
    },
    record: (name, value, ...[labels]) => histograms.get(name)?.record(value, labels),
    observe: (name, read) => {
      const gauge = meter.createObservableGauge(catalogue[name].name, { description: catalogue[name].help })
      gauge.addCallback(async (result: ObservableResult) => {
        try {
          for (const reading of await read())
            result.observe(reading.value, 'labels' in reading ? (reading.labels as Attributes) : {})
        } catch (error) {
          options.onError?.(error)
        }
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

const eventLoopResolutionMs = 20

function observeProcess(metrics: Metrics): void {
  const delay = monitorEventLoopDelay({ resolution: eventLoopResolutionMs })
  delay.enable()
  metrics.observe('eventLoopLag', () => {
    // What is measured is the time between two ticks of the timer; on time it is the resolution itself.
    const lagMs = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - eventLoopResolutionMs
    delay.reset()
    return [{ value: Math.max(0, lagMs) / 1_000 }]
  })
  metrics.observe('processMemory', () => [{ value: process.memoryUsage.rss() }])
}
