import type { FastifyInstance } from 'fastify'
import type { HttpDeps } from '../deps.ts'

/** What an orchestrator and a scraper ask. No token: they are not to leave the operator's network. */
export function registerOperations(app: FastifyInstance, deps: HttpDeps): void {
  app.get('/livez', async (_request, reply) => reply.send({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const { ready, checks } = await deps.health.ready()
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not ready', checks })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send((await deps.metrics?.render()) ?? ''),
  )
}
