import type { FastifyInstance, FastifyRequest } from 'fastify'
import { attributes } from '../contract/span-attributes.ts'
import { formatTraceparent, parseTraceparent } from '../contract/trace-context.ts'
import { passiveTracer, type Span, type Tracer } from '../contract/tracer.ts'
import { maskCardNumbers } from '../privacy/card-numbers/mask-card-numbers.ts'

/** Where a request stands in its trace: the caller's, or a new one. */
export interface RequestTrace {
  span: Span
  /** What the receipts of this request carry on. */
  traceparent: string
}

declare module 'fastify' {
  interface FastifyRequest {
    trace: RequestTrace
  }
}

/**
 * Gives every request its place in a trace (W3C Trace Context), and its trace's id as its own. The answer says it in
 * `traceparent`, so that whoever sent a receipt can look for it. Only the API is recorded, not what probes and scrapers ask.
 */
export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  app.decorateRequest('trace')
  app.addHook('onRequest', (request, reply, done) => {
    const span = startRequest(request, tracer)
    const traceparent = formatTraceparent(span.context)
    request.trace = { span, traceparent }
    request.id = span.context.traceId
    reply.header('traceparent', traceparent)
    done()
  })
  if (!tracer.isRecording) return
  app.addHook('onResponse', ({ trace }, { statusCode }, done) => {
    trace.span.set({ [attributes.statusCode]: statusCode })
    trace.span.end(statusCode >= 500 ? String(statusCode) : undefined)
    done()
  })
  app.addHook('onRequestAbort', ({ trace }, done) => {
    trace.span.end('aborted')
    done()
  })
}

function startRequest(request: FastifyRequest, tracer: Tracer): Span {
  const { method, headers } = request
  const parent = typeof headers.traceparent === 'string' ? parseTraceparent(headers.traceparent) : undefined
  const route = request.routeOptions.url
  if (!tracer.isRecording || !route?.startsWith('/v1/'))
    return passiveTracer.startSpan(method, { kind: 'server', parent })
  const [path = ''] = request.url.split('?')
  return tracer.startSpan(`${method} ${route}`, {
    kind: 'server',
    parent,
    attributes: {
      [attributes.requestMethod]: method,
      [attributes.route]: route,
      // Whoever asks for something may take a card number for its name.
      [attributes.urlPath]: maskCardNumbers(path).text,
      [attributes.urlScheme]: request.protocol,
    },
  })
}
