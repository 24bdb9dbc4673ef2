import type { FastifyInstance } from 'fastify'
import { Problem } from '../../../contract/problem.ts'
import { endSession, type Session } from '../../../identity/sessions.ts'
import type { SignInDeps } from '../../deps.ts'
import type { SignedInPerson, SignedOut } from '../../openapi/api-answers.ts'
import { type Operation, problemsOfJsonBodies } from '../../openapi/operation.ts'
import { acceptForms, formBytesMax } from '../../pages/form.ts'
import { html } from '../../pages/html.ts'
import { sendPage } from '../../pages/page.ts'
import { callerOf } from '../authorize.ts'
import type { Caller } from '../caller.ts'
import { isForm, sessionCookie, sessionOf } from './browser-sessions.ts'
import { clearCookie } from './cookies.ts'

const me: Operation = {
  id: 'readMe',
  summary: 'Who is signed in, what they may do and where, and until when',
  tag: 'people',
  access: ['session'],
  answers: { 200: { description: 'The session.', content: { 'application/json': 'me' } } },
  problems: [],
}

const signOut: Operation = {
  id: 'signOut',
  summary: 'End the session',
  description:
    'At once, in every process. `endSessionUrl` is where the browser goes on to end that of the provider too. A form of a page of the hub is answered with a page.',
  tag: 'people',
  access: ['session'],
  answers: {
    200: { description: 'It has ended.', content: { 'application/json': 'signedOut', 'text/html': 'text' } },
    401: { description: 'To a form: a page.', content: { 'text/html': 'text' } },
    403: { description: 'To a form: a page.', content: { 'text/html': 'text' } },
  },
  problems: problemsOfJsonBodies,
}

/** `GET /auth/me` and `POST /auth/sign-out`. */
export function registerSession(app: FastifyInstance, deps: SignInDeps): void {
  app.get('/auth/me', { config: { operation: me } }, async (request, reply) => {
    return reply.send(describeSession(deps, requireSession(sessionOf(request)), callerOf(request)))
  })
  app.register(async (scope) => {
    acceptForms(scope)
    // Of a program in a page; nothing is read of it.
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    const options = { bodyLimit: formBytesMax, config: { operation: signOut } }
    scope.post('/auth/sign-out', options, async (request, reply) => {
      const { sessionId, actor, details } = requireSession(sessionOf(request))
      await endSession(deps.db, sessionId, { actor, act: 'session.sign-out' })
      clearCookie(reply, sessionCookie(deps))
      const url = await endSessionUrl(deps, details.idToken)
      if (!isForm(request)) {
        return reply.send({ signedOut: true, ...(url !== undefined && { endSessionUrl: url }) } satisfies SignedOut)
      }
      // Not a redirect: browsers hold what follows a form to where its page may send forms, which is here.
      if (url !== undefined) reply.header('refresh', `0; url=${url}`)
      const onward =
        url === undefined
          ? html`<p><a href="/">Go on</a></p>`
          : html`<p><a href="${url}">Sign out of your provider too</a></p>`
      return sendPage(reply, 200, { title: 'You are signed out', body: onward })
    })
  })
}

function requireSession(session: Session | undefined): Session {
  if (!session) throw new Problem('session-ended')
  return session
}

/** Undefined also where the provider is away: whoever signs out here is signed out here. Who broke the glass never was there. */
async function endSessionUrl(deps: SignInDeps, idToken: string | undefined): Promise<string | undefined> {
  if (idToken === undefined) return undefined
  return deps.provider.endSessionUrl(idToken, `${deps.publicUrl()}/`).catch(() => undefined)
}

function describeSession({ sessionIdleMs }: SignInDeps, session: Session, { grants }: Caller): SignedInPerson {
  const { sessionId, actor, person, endsAt, seenAt } = session
  const idleEndsAtMs = Math.min(seenAt.getTime() + sessionIdleMs, endsAt.getTime())
  return {
    sessionId,
    actor,
    ...(person?.name !== undefined && { name: person.name }),
    ...(person?.email !== undefined && { email: person.email }),
    breakGlass: person === undefined,
    roles: session.grants,
    reach: Object.fromEntries([...grants].map(([scope, reach]) => [scope, reach === 'every' ? '*' : [...reach]])),
    endsAt: endsAt.toISOString(),
    idleEndsAt: new Date(idleEndsAtMs).toISOString(),
  }
}
