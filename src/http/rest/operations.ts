import type { FastifyInstance } from 'fastify'
import type { HttpDeps } from '../deps.ts'
import type { Operation } from '../openapi/operation.ts'

const live: Operation = {
  id: 'readLiveness',
  summary: 'Whether the process runs',
  tag: 'operations',
  access: [],
  answers: { 200: { description: 'It runs.', content: { 'application/json': 'live' } } },
  problems: [],
}

const ready: Operation = {
  id: 'readReadiness',
  summary: 'Whether this process can take receipts now',
  tag: 'operations',
  access: [],
  answers: {
    200: { description: 'It can.', content: { 'application/json': 'ready' } },
    503: { description: 'It cannot, and why.', content: { 'application/json': 'ready' } },
  },
  problems: [],
}

const metrics: Operation = {
  id: 'readMetrics',
  summary: 'Metrics in the text format of Prometheus',
  tag: 'operations',
  access: [],
  answers: { 200: { description: 'All metrics of all processes.', content: { 'text/plain': 'text' } } },
  problems: [],
}

/** What an orchestrator and a scraper ask. No token: they are not to leave the operator's network. */
export function registerOperations(app: FastifyInstance, deps: HttpDeps): void {
  app.get('/livez', { config: { operation: live } }, async (_request, reply) => reply.send({ status: 'ok' }))
  app.get('/readyz', { config: { operation: ready } }, async (_request, reply) => {
    const { ready: isReady, checks } = await deps.health.ready()
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not ready', checks })
  })
  app.get('/metrics', { config: { operation: metrics } }, async (_request, reply) =>
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send((await deps.metrics?.render()) ?? ''),
  )
}
