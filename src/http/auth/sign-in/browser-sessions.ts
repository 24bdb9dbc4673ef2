import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../../contract/problem.ts'
import { findSession, formTokenOf, type Session } from '../../../identity/sessions.ts'
import type { SignInDeps } from '../../deps.ts'
import type { Authenticate } from '../authorize.ts'
import { personCaller } from '../caller.ts'
import { grantsOfRoles } from '../role-grants.ts'
import { type Cookie, clearCookie, cookieOf, readCookie, setCookie } from './cookies.ts'
import { changesSomething, requestHeader, requireSameOrigin } from './same-origin.ts'

/** The field of a form that shows that it is one of a page of this session. */
export const formTokenField = 'form-token'

const sessions = new WeakMap<FastifyRequest, Session>()

/** The session by which a request was let in; undefined: it came by something else. */
export function sessionOf(request: FastifyRequest): Session | undefined {
  return sessions.get(request)
}

export function sessionCookie({ publicUrl }: Pick<SignInDeps, 'publicUrl'>): Cookie {
  return cookieOf(publicUrl(), 'tillflow')
}

/** Gives a browser the secret of its session, for as long as it lasts. */
export function keepSession(
  deps: SignInDeps,
  reply: FastifyReply,
  { secret, endsAt }: { secret: string; endsAt: Date },
) {
  const seconds = Math.max(0, Math.floor((endsAt.getTime() - deps.clock.now()) / 1_000))
  setCookie(reply, sessionCookie(deps), secret, seconds)
}

/** The session of a browser, whatever it asks for; undefined: it has none, or the provider does not stand behind it any more. */
export async function findBrowserSession(deps: SignInDeps, request: FastifyRequest): Promise<Session | undefined> {
  const secret = readCookie(request, sessionCookie(deps))
  if (secret === undefined) return undefined
  const session = await findSession(deps.db, deps.identityKey, secret, { idleMs: deps.sessionIdleMs })
  // Who broke the glass needs no provider.
  if (!session?.person) return session
  if (session.details.provider !== deps.provider.issuer()) return undefined
  if (!deps.readPresentGrants) return session
  const grants = await deps.readPresentGrants(session.person, session.details)
  return grants && grants.length > 0 ? { ...session, grants } : undefined
}

/**
 * Callers with a session of this hub's pages. What changes something must come from a page of the hub, and show it twice: by what the
 * browser says of its origin, and by a header that no other site can send, or the token of a form. Throws Problem `credentials-ambiguous`
 * beside another kind of credentials: the log of acts names one who acted.
 */
export function browserSessions(deps: SignInDeps): Authenticate {
  return async (request, reply) => {
    const cookie = sessionCookie(deps)
    if (readCookie(request, cookie) === undefined) return undefined
    if (request.headers.authorization !== undefined) throw new Problem('credentials-ambiguous')
    if (changesSomething(request)) {
      requireSameOrigin(request, deps.publicUrl())
      // The token of a form stands in its body, which nobody has read yet: see `guardForms`.
      if (!hasRequestHeader(request) && !isForm(request)) throw new Problem('cross-site-request')
    }
    const session = await findBrowserSession(deps, request)
    if (!session) {
      clearCookie(reply, cookie)
      throw new Problem('session-ended')
    }
    sessions.set(request, session)
    // Where the roles end is looked up now: stores may have moved since the sign-in.
    return personCaller(session.actor, grantsOfRoles(session.grants, deps.findStores))
  }
}

/** Refuses forms by which a session would act and that are not of a page that it was shown, on every route that takes forms. */
export function guardForms(app: FastifyInstance, deps: SignInDeps): void {
  app.addHook('preHandler', async (request) => {
    const session = sessionOf(request)
    if (!session || !changesSomething(request) || hasRequestHeader(request)) return
    const given = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString() : '')
    const [token = '', ...more] = given.getAll(formTokenField)
    const [left, right] = [Buffer.from(token), Buffer.from(formTokenOf(deps.identityKey, session))]
    if (more.length > 0 || left.length !== right.length || !timingSafeEqual(left, right))
      throw new Problem('cross-site-request')
  })
}

function hasRequestHeader({ headers }: FastifyRequest): boolean {
  return headers[requestHeader] === '1'
}

export function isForm({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
}
