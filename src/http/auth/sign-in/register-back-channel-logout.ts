import type { FastifyInstance } from 'fastify'
import { isProblem, Problem } from '../../../contract/problem.ts'
import { decodeUtf8 } from '../../../contract/strict-json.ts'
import { endSessionsOfProvider } from '../../../identity/end-at-provider.ts'
import type { SignInDeps } from '../../deps.ts'
import type { LoggedOut } from '../../openapi/api-answers.ts'
import { type Operation, problemsOfBodies } from '../../openapi/operation.ts'
import { acceptForms, formBytesMax } from '../../pages/form.ts'
import type { ReadLogoutToken } from './logout-token.ts'

const path = '/auth/back-channel-logout'

const operation: Operation = {
  id: 'backChannelLogout',
  summary: 'Where the OpenID provider says that somebody has signed out there',
  description:
    'OpenID Connect Back-Channel Logout 1.0. The token is the credentials: it must be signed by the provider of the settings, for this hub, within the last ten minutes, and works once. Its sessions end at once, in every process.',
  tag: 'people',
  access: [],
  body: {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', properties: { logout_token: { type: 'string' } }, required: ['logout_token'] },
    },
  },
  answers: {
    200: { description: 'They have ended, if there were any.', content: { 'application/json': 'loggedOut' } },
  },
  problems: ['logout-token-invalid', 'invalid-encoding', 'temporary-reduced-capacity', ...problemsOfBodies],
  isForPrograms: true,
}

/** `POST /auth/back-channel-logout`: a provider, not a browser, tells what has ended there. */
export function registerBackChannelLogout(app: FastifyInstance, deps: SignInDeps, read: ReadLogoutToken): void {
  app.register(async (scope) => {
    acceptForms(scope)
    scope.post(path, { bodyLimit: formBytesMax, config: { operation } }, async ({ body }, reply) => {
      try {
        const ended = await read(tokenIn(body))
        const sessionsEnded = await endSessionsOfProvider(deps.db, deps.identityKey, ended)
        return await reply.send({ sessionsEnded } satisfies LoggedOut)
      } catch (error) {
        const because = Object(Object(error).cause).message
        if (isProblem(error)) deps.logger.warn({ code: error.code, because }, 'a logout of the provider was refused')
        throw error
      }
    })
  })
}

function tokenIn(body: unknown): string {
  const fields = new URLSearchParams(Buffer.isBuffer(body) ? decodeUtf8(body) : '')
  const [token = '', ...more] = fields.getAll('logout_token')
  if (token === '' || more.length > 0) throw new Problem('logout-token-invalid')
  return token
}
