import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { emptyResource } from '@opentelemetry/resources'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import { describe, expect, it } from 'vitest'
import { SpanQueue } from './span-queue.ts'
import { createRecordingTracer } from './tracer.ts'

/** An exporter that answers when it is told to. */
function heldExporter() {
  const waiting: { count: number; answer: (result: ExportResult) => void }[] = []
  const exporter: SpanExporter = {
    export: (spans, answer) => void waiting.push({ count: spans.length, answer }),
    shutdown: async () => {},
  }
  return { exporter, waiting }
}

function queue(spansMax: number) {
  const { exporter, waiting } = heldExporter()
  const dropped: [string, number][] = []
  const processor = new SpanQueue({ exporter, spansMax, delayMs: 5, onDropped: (...drop) => dropped.push(drop) })
  const tracer = createRecordingTracer({ sampledRatio: 1, resource: emptyResource(), processor })
  const end = (count: number) => {
    for (let index = 0; index < count; index += 1) tracer.startSpan('span', { kind: 'internal' }).end()
  }
  return { waiting, dropped, end }
}

describe('the queue of spans', () => {
  it('holds no more than it may, waiting and on their way together, and counts the rest', async () => {
    const { waiting, dropped, end } = queue(600)
    end(600)
    await expect.poll(() => waiting).toHaveLength(1)
    end(7)
    expect(dropped).toEqual(Array.from({ length: 7 }, () => ['queue-full', 1]))
    waiting[0]?.answer({ code: ExportResultCode.SUCCESS })
    end(3)
    expect(dropped).toHaveLength(7)
  })

  it('counts what the collector did not take, and goes on', async () => {
    const { waiting, dropped, end } = queue(600)
    end(5)
    await expect.poll(() => waiting).toHaveLength(1)
    waiting[0]?.answer({ code: ExportResultCode.FAILED, error: new Error('away') })
    expect(dropped).toEqual([['export-failed', 5]])
    end(2)
    await expect.poll(() => waiting).toHaveLength(2)
    expect(waiting[1]?.count).toBe(2)
  })
})
