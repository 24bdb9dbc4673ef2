import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadSettings } from './load-settings.ts'
import { exportSettings } from './telemetry.ts'

const elsewhere = mkdtempSync(join(tmpdir(), 'tillflow-settings-'))
const file = join(elsewhere, 'empty.json')
writeFileSync(file, '{}')
afterAll(() => rmSync(elsewhere, { recursive: true }))

function exported(overrides: Record<string, unknown>, environment: Record<string, string> = {}) {
  const { settings } = loadSettings({ environment, overrides, file })
  return exportSettings(settings, environment)
}
const url = 'https://otlp.example.com:4318'

describe('what is sent to a collector', () => {
  it('is nothing, unless a collector is named', () => {
    expect(exported({})).toBeUndefined()
    expect(exported({ telemetryTracesSampledPercent: 100 })).toBeUndefined()
  })

  it('goes to the addresses that OTLP adds to the base', () => {
    expect(exported({ telemetryOtlpUrl: `${url}/otlp/`, telemetryTracesSampledPercent: 25 })).toMatchObject({
      traces: true,
      metrics: true,
      tracesUrl: `${url}/otlp/v1/traces`,
      metricsUrl: `${url}/otlp/v1/metrics`,
      sampledRatio: 0.25,
      temporality: 'cumulative',
    })
  })

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', true, true],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', true, false],
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', false, true],
  ])('is switched on by %s, whose address is left to OpenTelemetry', (name, traces, metrics) => {
    const found = exported({}, { [name]: url })
    expect(found).toMatchObject({ traces, metrics })
    expect(found).not.toHaveProperty('tracesUrl')
  })

  it('is switched off by OTEL_SDK_DISABLED, whatever else is said', () => {
    expect(exported({ telemetryOtlpUrl: url }, { OTEL_SDK_DISABLED: 'TRUE' })).toBeUndefined()
    expect(exported({ telemetryOtlpUrl: url }, { OTEL_SDK_DISABLED: 'false' })).toBeDefined()
  })

  it('is only what is asked for', () => {
    expect(exported({ telemetryOtlpUrl: url, telemetrySignals: 'traces' })).toMatchObject({
      traces: true,
      metrics: false,
    })
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_METRICS_EXPORTER: 'none' }
    expect(exported({}, environment)).toMatchObject({ traces: true, metrics: false })
  })

  it('leaves the temporality to OpenTelemetry where ours is silent', () => {
    const name = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'
    expect(exported({ telemetryOtlpUrl: url }, { [name]: 'delta' })).not.toHaveProperty('temporality')
    const delta = { telemetryOtlpUrl: url, telemetryMetricsTemporality: 'delta' }
    expect(exported(delta, { [name]: 'cumulative' })).toMatchObject({ temporality: 'delta' })
  })

  it('has headers in the form of OTEL_EXPORTER_OTLP_HEADERS', () => {
    const telemetryOtlpHeaders = 'Api-Key=a%2Cb,x-scope=shop=9'
    expect(exported({ telemetryOtlpUrl: url, telemetryOtlpHeaders })?.headers).toEqual({
      'api-key': 'a,b',
      'x-scope': 'shop=9',
    })
  })

  it.each([
    [{ telemetryOtlpUrl: 'otlp.example.com' }, 'telemetryOtlpUrl'],
    [{ telemetryOtlpUrl: `${url}?api-key=hunter2` }, 'telemetryOtlpUrl'],
    [{ telemetryOtlpUrl: 'https://user:hunter2@otlp.example.com' }, 'telemetryOtlpUrl'],
    [{ telemetryOtlpUrl: url, telemetryOtlpHeaders: 'hunter2' }, 'telemetryOtlpHeaders'],
    [{ telemetryOtlpUrl: url, telemetryOtlpHeaders: 'api-key=hunter2%' }, 'telemetryOtlpHeaders'],
    [{ telemetryTracesSampledPercent: '101' }, 'telemetryTracesSampledPercent'],
  ])('refuses %j without repeating it', (overrides, name) => {
    expect(() => exported(overrides)).toThrow(name)
    expect(() => exported(overrides)).not.toThrow('hunter2')
  })
})
