import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace'

/** Why spans or readings did not reach the collector. */
export type DropReason = 'queue-full' | 'export-failed'

export interface SpanQueueOptions {
  exporter: SpanExporter
  spansMax: number
  delayMs?: number
  onDropped(reason: DropReason, count: number): void
}

const batchSpansMax = 512

/** Spans on their way to a collector: bounded, and every one that is lost is counted, since nobody waits for it. */
export class SpanQueue extends BatchSpanProcessor {
  readonly #spansMax: number
  readonly #onDropped: SpanQueueOptions['onDropped']
  #waitingCount = 0

  constructor({ exporter, spansMax, delayMs = 1_000, onDropped }: SpanQueueOptions) {
    const counting: SpanExporter = {
      export: (spans, done) => {
        exporter.export(spans, (result: ExportResult) => {
          this.#waitingCount -= spans.length
          if (result.code !== ExportResultCode.SUCCESS) onDropped('export-failed', spans.length)
          done(result)
        })
      },
      shutdown: () => exporter.shutdown(),
      ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
    }
    // Ours is the bound that counts: it holds what waits and what is on its way.
    super({
      exporter: counting,
      maxQueueSize: spansMax,
      maxExportBatchSize: batchSpansMax,
      scheduledDelayMillis: delayMs,
    })
    this.#spansMax = spansMax
    this.#onDropped = onDropped
  }

  override onEnd(span: ReadableSpan): void {
    if (this.#waitingCount >= this.#spansMax) {
      this.#onDropped('queue-full', 1)
      return
    }
    this.#waitingCount += 1
    super.onEnd(span)
  }
}
