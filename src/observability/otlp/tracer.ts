import {
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import {
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type TracerProviderOptions,
} from '@opentelemetry/sdk-trace'
import { attributes } from '../../contract/span-attributes.ts'
import type { TraceContext } from '../../contract/trace-context.ts'
import { passiveSpan, type Span, type SpanOptions, type Tracer } from '../../contract/tracer.ts'

const kinds: Record<SpanOptions['kind'], SpanKind> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
}

export interface RecordingTracer extends Tracer {
  stop(): Promise<void>
}

interface TracerOptions {
  sampledRatio: number
  resource: NonNullable<TracerProviderOptions['resource']>
  processor: SpanProcessor
}

/**
 * Our spans as OpenTelemetry's. Whoever comes first decides whether a trace is recorded: the caller, else the ratio. What
 * comes from a recorded step by a link is recorded too, so that the retries of a receipt are not lost by the dice.
 */
export function createRecordingTracer({ sampledRatio, resource, processor }: TracerOptions): RecordingTracer {
  const provider = new TracerProvider({
    resource,
    spanProcessors: [processor],
    sampler: new ParentBasedSampler({ root: linkedOrRatio(sampledRatio) }),
  })
  const tracer = provider.getTracer('tillflow')
  return {
    isRecording: true,
    startSpan: (name, options) => {
      const { parent, links = [], kind } = options
      const recordedLinks = links.filter((link) => link.sampled)
      const isLeftOut = parent ? !parent.sampled : links.length > 0 && recordedLinks.length === 0
      if (isLeftOut) return passiveSpan(options)
      const span = tracer.startSpan(
        name,
        {
          kind: kinds[kind],
          links: recordedLinks.map(toLink),
          ...(options.attributes && { attributes: options.attributes }),
        },
        parent ? trace.setSpanContext(ROOT_CONTEXT, toSpanContext(parent)) : ROOT_CONTEXT,
      )
      return toSpan(span)
    },
    stop: () => provider.shutdown(),
  }
}

function linkedOrRatio(sampledRatio: number): Sampler {
  const always = new AlwaysOnSampler()
  const ratio = new TraceIdRatioBasedSampler(sampledRatio)
  return {
    shouldSample: (context, traceId, _name, _kind, _attributes, links) =>
      links.length > 0 ? always.shouldSample() : ratio.shouldSample(context, traceId),
    toString: () => `LinkedOr(${ratio.toString()})`,
  }
}

function toSpan(span: ReturnType<ReturnType<TracerProvider['getTracer']>['startSpan']>): Span {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    context: { traceId, parentId: spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 },
    set: (values) => span.setAttributes(values),
    end: (failure) => {
      if (!span.isRecording()) return
      if (failure !== undefined) {
        span.setAttribute(attributes.errorType, failure)
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end()
    },
  }
}

function toSpanContext({ traceId, parentId, sampled }: TraceContext): SpanContext {
  return { traceId, spanId: parentId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true }
}

function toLink(context: TraceContext): Link {
  return { context: toSpanContext(context) }
}
