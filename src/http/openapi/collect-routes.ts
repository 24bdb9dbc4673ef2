import type { FastifyInstance } from 'fastify'
import type { DescribedRoute } from './openapi.ts'

/**
 * Tells every route that is registered from now on, with what it promises. Throws at once for a route that promises nothing: an
 * address that nobody can look up does not exist for its users.
 */
export function collectRoutes(app: FastifyInstance, tell: (route: DescribedRoute) => void): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) {
      // Fastify adds a HEAD to every GET.
      if (one === 'HEAD') continue
      if (!config?.operation) throw new RangeError(`the route ${one} ${url} has no operation`)
      tell({ method: one, url, operation: config.operation })
    }
  })
}
