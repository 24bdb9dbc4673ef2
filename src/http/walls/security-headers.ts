import type { FastifyInstance, FastifyReply } from 'fastify'

/** For browsers that come by an answer of the API: nothing in it is a page, and nobody else may show or read it. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** RFC 6797: means something only over https, which ends at a proxy. */
const strictTransportSecurity = 'max-age=31536000'

/** Puts them on every answer. A page that has a policy of its own keeps it. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    setSecurityHeaders(reply)
    return payload
  })
}

export function setSecurityHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(securityHeaders)) if (!reply.hasHeader(name)) reply.header(name, value)
  // `protocol` is what a trusted proxy says; of anybody else it is what the connection is.
  if (reply.request.protocol === 'https') reply.header('strict-transport-security', strictTransportSecurity)
}
