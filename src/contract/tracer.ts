import { createTrace, type TraceContext } from './trace-context.ts'

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

/** Never what a receipt says, never a person, never the query of a URL. */
export type SpanAttributes = Record<string, string | number | boolean>

export interface SpanOptions {
  kind: SpanKind
  /** The step before this one in the same trace. */
  parent?: TraceContext | undefined
  /** What this step comes from without being part of its trace: the members of a batch, the first attempt of a retry. */
  links?: readonly TraceContext[]
  attributes?: SpanAttributes
}

/** One step of a trace. */
export interface Span {
  /** What the next step, or another system, is given. */
  readonly context: TraceContext
  set(attributes: SpanAttributes): void
  /** Ends the step; `failure` is a short stable word for what went wrong (`error.type`). A second end changes nothing. */
  end(failure?: string): void
}

export interface Tracer {
  /** False: contexts are made and carried, and nothing is recorded. */
  readonly isRecording: boolean
  startSpan(name: string, options: SpanOptions): Span
}

const nothing = () => {}

/** Carries a context on without recording: the span of the sender stays the parent of whatever comes next. */
export function passiveSpan({ parent, links }: Pick<SpanOptions, 'parent' | 'links'>): Span {
  const context = parent ?? links?.[0] ?? createTrace({ sampled: false })
  return { context, set: nothing, end: nothing }
}

/** The tracer of a hub whose tracing is off: every receipt still belongs to a trace, whose flag says that nobody recorded it. */
export const passiveTracer: Tracer = {
  isRecording: false,
  startSpan: (_name, options) => passiveSpan(options),
}
