import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { parseTraceparent } from '../contract/trace-context.ts'
import { passiveTracer, type SpanOptions, type Tracer } from '../contract/tracer.ts'
import { traceRequests } from './with-traces.ts'

function server(tracer: Tracer) {
  const app = Fastify({ genReqId: () => '' })
  traceRequests(app, tracer)
  app.post('/v1/things/:id', async (request) => ({ id: request.id, traceparent: request.trace.traceparent }))
  app.get('/livez', async () => ({}))
  app.get('/v1/broken', async () => {
    throw new Error('broken')
  })
  return app
}

/** A tracer that keeps what it was told. */
function recordingTracer() {
  const spans: { name: string; options: SpanOptions; set: object; end: (string | undefined)[] }[] = []
  const tracer: Tracer = {
    isRecording: true,
    startSpan: (name, options) => {
      const kept = { name, options, set: {}, end: [] as (string | undefined)[] }
      spans.push(kept)
      return {
        ...passiveTracer.startSpan(name, options),
        set: (attributes) => Object.assign(kept.set, attributes),
        end: (failure) => void kept.end.push(failure),
      }
    },
  }
  return { tracer, spans }
}

const theirs = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('the trace of a request', () => {
  it('is a new one, told in the answer, its id the id of the request', async () => {
    const app = server(passiveTracer)
    const [first, second] = [await app.inject(post()), await app.inject(post())]
    const told = parseTraceparent(String(first.headers.traceparent))
    expect(told).toMatchObject({ sampled: false })
    expect(first.json()).toEqual({ id: told?.traceId, traceparent: first.headers.traceparent })
    expect(second.json().id).not.toBe(first.json().id)
  })

  it('is the caller’s, unchanged while nothing is recorded', async () => {
    const answer = await server(passiveTracer).inject(post({ traceparent: theirs }))
    expect(answer.headers.traceparent).toBe(theirs)
  })

  it.each(['', 'nonsense', theirs.toUpperCase(), `${theirs}-more`, '00-0'])(
    'is new when the caller says %j',
    async (traceparent) => {
      const answer = await server(passiveTracer).inject(post({ traceparent }))
      expect(parseTraceparent(String(answer.headers.traceparent))).toBeDefined()
      expect(answer.headers.traceparent).not.toBe(traceparent)
    },
  )

  it('is there for what has no route', async () => {
    const answer = await server(passiveTracer).inject('/nowhere')
    expect([answer.statusCode, parseTraceparent(String(answer.headers.traceparent))?.sampled]).toEqual([404, false])
  })

  it('is recorded with the pattern of its route, never the query', async () => {
    const { tracer, spans } = recordingTracer()
    await server(tracer).inject({ ...post({ traceparent: theirs }), url: '/v1/things/7?secret=hunter2' })
    expect(spans).toMatchObject([
      {
        name: 'POST /v1/things/:id',
        options: { kind: 'server', parent: parseTraceparent(theirs) },
        set: { 'http.response.status_code': 200 },
        end: [undefined],
      },
    ])
    expect(JSON.stringify(spans)).not.toContain('hunter2')
  })

  it('fails with a server error only, and is not recorded for probes and unknown paths', async () => {
    const { tracer, spans } = recordingTracer()
    const app = server(tracer)
    for (const url of ['/livez', '/nowhere', '/v1/broken']) await app.inject(url)
    expect(spans.map(({ name, end }) => [name, end])).toEqual([['GET /v1/broken', ['500']]])
  })
})

function post(headers: Record<string, string> = {}) {
  return { method: 'POST' as const, url: '/v1/things/7', headers }
}
