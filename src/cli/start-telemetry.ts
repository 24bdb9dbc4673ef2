import type { Logger } from '../contract/logger.ts'
import { passiveTracer, type Tracer } from '../contract/tracer.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { MetricsReport } from '../observability/metrics-report.ts'
import type { RunningExport } from '../observability/otlp/start-export.ts'
import type { Settings } from '../settings/load-settings.ts'

export interface Telemetry {
  metrics: Metrics
  tracer: Tracer
  stop(): Promise<void>
}

/**
 * The eyes of a process that runs for long. OpenTelemetry's packages take a good part of a start, so each is loaded only where
 * something comes of it: metrics where somebody can look at them, traces and exporters where a collector is named.
 */
export async function startTelemetry(settings: Settings, logger: Logger, version: string): Promise<Telemetry> {
  const { exportSettings } = await import('../settings/telemetry.ts')
  const wanted = exportSettings(settings, process.env)
  // What a process of the hub counts is shown, and sent, by the hub.
  const tellsHub = process.env.TILLFLOW_DELIVERY_PROCESS !== undefined && process.send !== undefined
  const sent = wanted && { ...wanted, metrics: wanted.metrics && !tellsHub }
  const running =
    sent && (sent.traces || sent.metrics)
      ? (await import('../observability/otlp/start-export.ts')).startExport({ ...sent, version, logger })
      : undefined
  const { metrics, stop } = tellsHub ? await reportToHub() : await keepMetrics(logger, running)
  running?.onDropped((signal, reason, count) => metrics.count('telemetryDropped', { signal, reason }, count))
  return {
    metrics,
    tracer: running?.tracer ?? passiveTracer,
    stop: async () => {
      await running?.stop()
      await stop()
    },
  }
}

async function keepMetrics(
  logger: Logger,
  running: RunningExport | undefined,
): Promise<{ metrics: Metrics; stop(): Promise<void> }> {
  const { createMetrics } = await import('../observability/metrics.ts')
  const metrics = createMetrics({
    onError: (error) => logger.warn({ error }, 'a gauge could not be read'),
    ...(running && { readers: running.metricReaders, resource: running.resource }),
  })
  return { metrics, stop: async () => {} }
}

async function reportToHub(): Promise<{ metrics: Metrics; stop(): Promise<void> }> {
  const { createReportedMetrics } = await import('../observability/reported-metrics.ts')
  const metrics = createReportedMetrics({ send })
  return { metrics, stop: metrics.stop }
}

function send(report: MetricsReport): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!process.connected || !process.send) return resolve()
    process.send(report, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
