import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { ExportResultCode } from '@opentelemetry/core'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { AggregationTemporality, type MetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import type { Logger } from '../../contract/logger.ts'
import { passiveTracer, type Tracer } from '../../contract/tracer.ts'
import { presentGauges } from '../present-gauges.ts'
import { type DropReason, SpanQueue } from './span-queue.ts'
import { createRecordingTracer } from './tracer.ts'

export interface ExportOptions {
  traces: boolean
  metrics: boolean
  tracesUrl?: string
  metricsUrl?: string
  headers: Record<string, string>
  sampledRatio: number
  queueSpansMax: number
  metricsIntervalMs: number
  temporality?: 'cumulative' | 'delta'
  version: string
  logger: Logger
}

export interface RunningExport {
  tracer: Tracer
  metricReaders: MetricReader[]
  resource: Resource
  /** Tells of everything that was dropped so far, then at once. */
  onDropped(listener: (signal: 'traces' | 'metrics', reason: DropReason, count: number) => void): void
  /** Sends what waits, for a moment only: a collector that is away does not hold up the end of a hub. */
  stop(): Promise<void>
}

const stopWithinMs = 3_000
const reportTimeoutMaxMs = 10_000
/** A collector that is away is said once in a while, not for every batch. */
const complainEveryMs = 60_000

/**
 * Sends traces and metrics to a collector by OTLP over HTTP. This file and what it imports are loaded only where that is
 * switched on. Nothing here ever waits on the way of a receipt.
 */
export function startExport(options: ExportOptions): RunningExport {
  const { logger } = options
  const resource = describeProcess(options.version)
  const drops = dropListener(logger)
  const connection = { headers: options.headers }
  const tracer = options.traces
    ? createRecordingTracer({
        sampledRatio: options.sampledRatio,
        resource,
        processor: new SpanQueue({
          exporter: new OTLPTraceExporter({ ...connection, ...(options.tracesUrl && { url: options.tracesUrl }) }),
          spansMax: options.queueSpansMax,
          onDropped: (reason, count) => drops.tell('traces', reason, count),
        }),
      })
    : undefined
  const metricReaders = options.metrics ? [metricReader(options, connection, drops.tell)] : []
  return {
    tracer: tracer ?? passiveTracer,
    metricReaders,
    resource,
    onDropped: drops.listen,
    stop: async () => {
      const work = [tracer?.stop(), ...metricReaders.map((reader) => reader.shutdown())]
      const giveUp = new Promise<void>((resolve) => setTimeout(resolve, stopWithinMs).unref())
      await Promise.race([Promise.allSettled(work), giveUp])
    },
  }
}

function metricReader(
  { metricsUrl, metricsIntervalMs, temporality }: ExportOptions,
  connection: { headers: Record<string, string> },
  tell: (signal: 'metrics', reason: DropReason, count: number) => void,
): MetricReader {
  const exporter = new OTLPMetricExporter({
    ...connection,
    ...(metricsUrl && { url: metricsUrl }),
    ...(temporality && {
      temporalityPreference: temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    }),
  })
  exporter.selectAggregationTemporality = presentGauges(exporter.selectAggregationTemporality.bind(exporter))
  const send = exporter.export.bind(exporter)
  exporter.export = (metrics, done) =>
    send(metrics, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) tell('metrics', 'export-failed', 1)
      done(result)
    })
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: metricsIntervalMs,
    exportTimeoutMillis: Math.min(metricsIntervalMs, reportTimeoutMaxMs),
  })
}

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over what the hub says of itself. */
function describeProcess(version: string): Resource {
  return defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': 'tillflow',
        'service.version': version,
        'service.instance.id': randomUUID(),
        'host.name': hostname(),
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }))
}

function dropListener(logger: Logger) {
  const before: ['traces' | 'metrics', DropReason, number][] = []
  let listener: Parameters<RunningExport['onDropped']>[0] | undefined
  let complainedAt = Number.NEGATIVE_INFINITY
  return {
    listen: (next: NonNullable<typeof listener>) => {
      listener = next
      for (const one of before.splice(0)) next(...one)
    },
    tell: (signal: 'traces' | 'metrics', reason: DropReason, count: number) => {
      if (listener) listener(signal, reason, count)
      else before.push([signal, reason, count])
      if (performance.now() - complainedAt < complainEveryMs) return
      complainedAt = performance.now()
      logger.warn({ signal, reason, count }, 'telemetry did not reach its collector; receipts are not affected')
    },
  }
}
