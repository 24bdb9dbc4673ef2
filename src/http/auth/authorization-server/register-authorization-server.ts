import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Operation } from '../../openapi/operation.ts'
import { placeOf } from '../../walls/limit-failed-credentials.ts'
import { setSecurityHeaders } from '../../walls/security-headers.ts'
import { type AuthorizationServer, authorizationServerPath } from './authorization-server.ts'

/** Its own metadata describe it; in our API document it is one sentence. */
const operation: Operation = {
  id: 'authorize',
  summary: 'The authorization server',
  tag: 'identity',
  access: [],
  answers: {},
  problems: [],
  isDescribedElsewhere: true,
}

/**
 * Mounts the authorization server below `/oauth`, in a room of its own: bodies reach it unread, errors and pages are its own. Its metadata
 * also stand where RFC 8414 looks for them.
 */
export function registerAuthorizationServer(app: FastifyInstance, { answer }: AuthorizationServer): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const pass = async (request: FastifyRequest, reply: FastifyReply) => {
      // No hook sees this answer; a page of its own has a policy of its own.
      setSecurityHeaders(reply)
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value)
      reply.hijack()
      await answer(request.raw, reply.raw, placeOf(request.ip))
    }
    scope.get(`${authorizationServerPath}/*`, { config: { operation } }, pass)
    scope.post(
      `${authorizationServerPath}/*`,
      { config: { operation: { ...operation, takesCredentials: true } } },
      pass,
    )
    const metadata = '/.well-known/oauth-authorization-server'
    scope.get(`${metadata}${authorizationServerPath}`, { config: { operation } }, async (request, reply) => {
      request.raw.url = `${authorizationServerPath}${metadata}`
      await pass(request, reply)
    })
  })
}
