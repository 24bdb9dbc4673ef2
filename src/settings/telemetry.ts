import { Problem } from '../contract/problem.ts'
import type { Settings } from './load-settings.ts'

/** What is sent to a collector, and how. Addresses are undefined where OpenTelemetry's own variables name them. */
export interface ExportSettings {
  traces: boolean
  metrics: boolean
  tracesUrl?: string
  metricsUrl?: string
  headers: Record<string, string>
  sampledRatio: number
  queueSpansMax: number
  metricsIntervalMs: number
  /** Undefined: as OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE says. */
  temporality?: 'cumulative' | 'delta'
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The export of the settings; undefined where nothing is sent. OpenTelemetry's variables are honoured where ours are silent:
 * `OTEL_EXPORTER_OTLP_ENDPOINT` and its sisters switch it on, `OTEL_SDK_DISABLED` switches it off in any case.
 */
export function exportSettings(settings: Settings, environment: Environment): ExportSettings | undefined {
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return undefined
  const base = settings.telemetryOtlpUrl.replace(/\/+$/, '')
  const wanted = (signal: 'traces' | 'metrics') => {
    const name = signal.toUpperCase()
    const isAddressed =
      base !== '' ||
      isSet(environment.OTEL_EXPORTER_OTLP_ENDPOINT) ||
      isSet(environment[`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`])
    const isRefused = base === '' && environment[`OTEL_${name}_EXPORTER`]?.trim() === 'none'
    return isAddressed && !isRefused && settings.telemetrySignals.includes(signal)
  }
  const [traces, metrics] = [wanted('traces'), wanted('metrics')]
  if (!traces && !metrics) return undefined
  return {
    traces,
    metrics,
    ...(base !== '' && { tracesUrl: `${base}/v1/traces`, metricsUrl: `${base}/v1/metrics` }),
    headers: headersOf(settings.telemetryOtlpHeaders.reveal()),
    sampledRatio: settings.telemetryTracesSampledPercent / 100,
    queueSpansMax: settings.telemetryQueueSpansMax,
    metricsIntervalMs: settings.telemetryMetricsIntervalMs,
    ...temporalityOf(settings, environment),
  }
}

function temporalityOf(settings: Settings, environment: Environment): Pick<ExportSettings, 'temporality'> {
  const { telemetryMetricsTemporality: temporality } = settings
  if (temporality === 'delta') return { temporality }
  return isSet(environment.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE) ? {} : { temporality: 'cumulative' }
}

function headersOf(text: string): Record<string, string> {
  if (text === '') return {}
  const pairs = text.split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at).toLowerCase(), decoded(pair.slice(at + 1))]
  })
  return Object.fromEntries(pairs)
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw new Problem('settings-invalid', 'telemetryOtlpHeaders must have values as in a URL: %25 for a percent sign.')
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== ''
}
