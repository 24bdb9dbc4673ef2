import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import type { Operation } from '../openapi/operation.ts'
import { type Caller, isGranted } from './caller.ts'

/**
 * One way of coming in. Undefined: the request has no credentials of this kind. Throws a Problem with status 401 for credentials
 * that are none. What a client must learn with the answer, whatever it is, goes into the headers of the reply.
 */
export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<Caller | undefined>

const callers = new WeakMap<FastifyRequest, Caller>()

/**
 * The one place that lets requests in: before a byte of the body is read, and by what the route says of itself. What is not
 * allowed there is refused, and a route that says nothing of itself cannot be registered.
 */
export function authorizeRequests(app: FastifyInstance, ways: readonly Authenticate[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const { operation } = request.routeOptions.config
    if (!operation || operation.access.length === 0) return
    const caller = await findCaller(ways, request, reply)
    if (caller) {
      requireAccess(caller, operation)
      callers.set(request, caller)
    } else if (!operation.access.includes('webhook-signature')) throw new Problem('unauthorized')
  })
}

/** Who calls. Throws Problem `unauthorized` where nobody was let in, as for a route whose webhooks come with a signature instead. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request)
  if (!caller) throw new Problem('unauthorized')
  return caller
}

/** Who calls, where somebody was let in. */
export function findCallerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request)
}

async function findCaller(
  ways: readonly Authenticate[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Caller | undefined> {
  for (const authenticate of ways) {
    const caller = await authenticate(request, reply)
    if (caller) return caller
  }
  return undefined
}

/** A route that acts on everything is for those who may do so; another narrows what it does to the caller's stores itself. */
function requireAccess(caller: Caller, { access, acts }: Operation): void {
  if (access.includes('session') && caller.kind === 'person') return
  const needed = access.filter((one) => one !== 'webhook-signature' && one !== 'session')
  const isForSome = acts !== undefined
  if (needed.some((scope) => (isForSome ? caller.grants.has(scope) : isGranted(caller, scope)))) return
  const list = needed.join(' or ')
  if (needed.length === 0) throw new Problem('permission-missing', 'This is for people who have signed in.')
  const isLimited = needed.some((scope) => caller.grants.has(scope))
  throw new Problem(
    'permission-missing',
    isLimited ? `This needs ${list} for every store, and you are limited to some.` : `This needs the scope ${list}.`,
  )
}
