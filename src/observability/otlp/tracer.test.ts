import { emptyResource } from '@opentelemetry/resources'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { describe, expect, it } from 'vitest'
import { createTrace } from '../../contract/trace-context.ts'
import { createRecordingTracer } from './tracer.ts'

function recording(sampledRatio: number) {
  const exporter = new InMemorySpanExporter()
  const processor = new SimpleSpanProcessor({ exporter })
  const tracer = createRecordingTracer({ sampledRatio, resource: emptyResource(), processor })
  return { tracer, ended: () => exporter.getFinishedSpans() }
}
const sampled = createTrace({ sampled: true })
const unsampled = createTrace({ sampled: false })

describe('the recording tracer', () => {
  it('records what the caller records, and carries on unchanged what it does not', () => {
    const { tracer, ended } = recording(0)
    const child = tracer.startSpan('child', { kind: 'server', parent: sampled })
    expect(child.context).toMatchObject({ traceId: sampled.traceId, sampled: true })
    expect(child.context.parentId).not.toBe(sampled.parentId)
    child.end()
    const left = tracer.startSpan('left', { kind: 'server', parent: unsampled })
    expect(left.context).toBe(unsampled)
    left.end()
    expect(ended().map(({ name }) => name)).toEqual(['child'])
  })

  it('throws the dice for a trace that begins here only', () => {
    for (const [ratio, count] of [
      [0, 0],
      [1, 20],
    ] as const) {
      const { tracer, ended } = recording(ratio)
      for (let index = 0; index < 20; index += 1) {
        const span = tracer.startSpan('root', { kind: 'server' })
        expect(span.context.sampled).toBe(ratio === 1)
        span.end()
      }
      expect(ended()).toHaveLength(count)
    }
  })

  it('records about as many as it should', () => {
    const { tracer } = recording(0.1)
    const roots = Array.from({ length: 5_000 }, () => tracer.startSpan('root', { kind: 'server' }))
    const count = roots.filter(({ context }) => context.sampled).length
    // Five standard deviations around 500.
    expect(count).toBeGreaterThan(394)
    expect(count).toBeLessThan(606)
  })

  it('begins a linked trace that is recorded when what it comes from was, whatever the dice say', () => {
    const { tracer, ended } = recording(0)
    const retry = tracer.startSpan('retry', { kind: 'consumer', links: [sampled] })
    expect(retry.context).toMatchObject({ sampled: true })
    expect(retry.context.traceId).not.toBe(sampled.traceId)
    retry.end()
    expect(tracer.startSpan('retry', { kind: 'consumer', links: [unsampled] }).context).toBe(unsampled)
    expect(ended().map(({ links }) => links.map(({ context }) => context.spanId))).toEqual([[sampled.parentId]])
  })

  it('ends once, with a word for what went wrong', () => {
    const { tracer, ended } = recording(1)
    const span = tracer.startSpan('attempt', { kind: 'client', attributes: { 'tillflow.source': 'poslog' } })
    span.set({ 'http.response.status_code': 503 })
    span.end('503')
    span.end()
    expect(ended()).toHaveLength(1)
    expect(ended()[0]).toMatchObject({
      status: { code: 2 },
      attributes: { 'tillflow.source': 'poslog', 'http.response.status_code': 503, 'error.type': '503' },
    })
  })
})
