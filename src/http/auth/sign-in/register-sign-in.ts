import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isProblem, Problem } from '../../../contract/problem.ts'
import { endSession } from '../../../identity/sessions.ts'
import { signInPerson } from '../../../identity/sign-in.ts'
import type { SignInDeps } from '../../deps.ts'
import type { Operation } from '../../openapi/operation.ts'
import { readParameter, textParameter } from '../../parameter.ts'
import { callbackPath } from '../authorization-server/own-clients.ts'
import { findBrowserSession, keepSession, sessionCookie } from './browser-sessions.ts'
import { clearCookie, cookieOf, readCookie, setCookie } from './cookies.ts'
import type { VouchedClaims } from './openid-provider.ts'
import { requirePrivateWay } from './private-way.ts'
import { providerFailure, providerProblem } from './provider-problem.ts'
import { newSignIn, type SignInState, signInLifeMs, signInStates } from './sign-in-state.ts'

const page = { tag: 'people', access: [], answers: {}, problems: [], isPage: true, isDescribedElsewhere: true } as const

const begin: Operation = { ...page, id: 'beginSignIn', summary: 'Send a browser to the provider of people' }
const finish: Operation = {
  ...page,
  ...{ id: 'finishSignIn', summary: 'Where the provider sends a browser back', takesCredentials: true },
}

/** A path of the hub, so that nobody is sent elsewhere by a link to the hub. */
const returnParameter = textParameter('return', {
  description: 'The path at which the browser goes on.',
  problem: 'request-invalid',
  pattern: '^/(?![/\\\\])[\\x21-\\x5b\\x5d-\\x7e]{0,2000}$',
})

const textLengthMax = 200

/** `GET /auth/sign-in` and `GET /auth/callback`: authorization code with PKCE; a sign-in gives the browser no token. */
export function registerSignIn(app: FastifyInstance, deps: SignInDeps): void {
  const states = () => signInStates(deps.identityKey, deps.clock)
  const stateCookie = () => cookieOf(deps.publicUrl(), 'tillflow-sign-in')
  const redirectUri = () => `${deps.publicUrl()}${callbackPath}`

  app.get('/auth/sign-in', { config: { operation: begin } }, async (request, reply) => {
    const returnTo = readParameter(request.query, returnParameter) ?? '/'
    requirePrivateWay(deps.publicUrl())
    const signIn = newSignIn(returnTo)
    const url = await orProblem(deps, () => deps.provider.authorizationUrl(redirectUri(), signIn))
    setCookie(reply, stateCookie(), states().seal(signIn), signInLifeMs / 1_000)
    return reply.redirect(url, 303)
  })

  app.get(callbackPath, { config: { operation: finish } }, async (request, reply) => {
    requirePrivateWay(deps.publicUrl())
    const signIn = openState(request)
    // Once: a second answer to the same question is somebody else's.
    clearCookie(reply, stateCookie())
    const callback = new URL(`${deps.publicUrl()}${request.url}`)
    const vouched = await orProblem(deps, () => deps.provider.redeem(callback, signIn))
    await beginSession(deps, vouched, request, reply)
    return reply.redirect(signIn.returnTo, 303)
  })

  const openState = (request: FastifyRequest): SignInState => {
    const sealed = readCookie(request, stateCookie())
    const signIn = sealed === undefined ? undefined : states().open(sealed)
    const { state } = request.query as { state?: unknown }
    if (signIn && signIn.state === state) return signIn
    deps.metrics.signIn('sign-in-expired')
    throw new Problem('sign-in-expired')
  }
}

async function beginSession(
  deps: SignInDeps,
  { claims, idToken }: VouchedClaims,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const said = await counted(deps, async () => deps.toGrants(claims))
  const name = textOf(claims.name) ?? textOf(claims.preferred_username)
  const email = textOf(claims.email)
  const identity = {
    ...{ issuer: claims.iss, subject: claims.sub },
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
  }
  const person = {
    ...{ identity, ...said, idToken, provider: deps.provider.issuer() },
    ...(typeof claims.auth_time === 'number' && { signedInAtSeconds: claims.auth_time }),
    ...(typeof claims.sid === 'string' && { sid: claims.sid }),
  }
  // The browser has another one from here on, or none: nobody can have given it a session that they know.
  await endSessionBefore(deps, request)
  try {
    const options = { lifeMs: deps.sessionMaxMs }
    keepSession(deps, reply, await counted(deps, () => signInPerson(deps.db, deps.identityKey, person, options)))
  } catch (error) {
    clearCookie(reply, sessionCookie(deps))
    throw error
  }
  deps.metrics.signIn('signed-in')
}

async function endSessionBefore(deps: SignInDeps, request: FastifyRequest): Promise<void> {
  const before = await findBrowserSession(deps, request)
  if (!before) return
  const act = { actor: before.actor, act: 'session.end', reason: 'signed in again' } as const
  await endSession(deps.db, before.sessionId, act).catch((error) => {
    // It went meanwhile.
    if (!isProblem(error)) throw error
  })
}

/** Turns what a provider did wrong into what a browser is told; the log says more. */
async function orProblem<Result>(deps: SignInDeps, work: () => Promise<Result>): Promise<Result> {
  return counted(deps, async () => {
    try {
      return await work()
    } catch (error) {
      const problem = providerProblem(error)
      deps.logger.warn({ code: problem.code, ...providerFailure(error) }, 'a sign-in failed')
      throw problem
    }
  })
}

async function counted<Result>(deps: SignInDeps, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    deps.metrics.signIn(error instanceof Problem ? error.code : 'internal-error')
    throw error
  }
}

/** A name for people to read: short, and without what would move a line. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.replace(/\p{C}/gu, ' ').trim().slice(0, textLengthMax)
  return text === '' ? undefined : text
}
