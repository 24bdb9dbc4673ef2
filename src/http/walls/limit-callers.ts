import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Clock } from '../../contract/clock.ts'
import { Problem } from '../../contract/problem.ts'
import { findCallerOf } from '../auth/authorize.ts'
import { type Taken, TokenBuckets } from './token-buckets.ts'

/** What one caller may ask of this process. */
export interface CallerQuota {
  requestsPerSecond: number
  burst: number
}

/** Of callers that the hub knows, so nobody can fill it with made-up ones. */
const callersMax = 100_000

/**
 * A quota for each caller, in the memory of this process: a till that floods is refused before its body is read, and nobody else
 * notices. The headers are those of draft-ietf-httpapi-ratelimit-headers-10.
 */
export function limitCallers(app: FastifyInstance, { requestsPerSecond, burst }: CallerQuota, clock: Clock): void {
  if (requestsPerSecond === 0) return
  const quotas = new TokenBuckets({ ratePerSecond: requestsPerSecond, burst, keysMax: callersMax })
  const windowSeconds = Math.max(1, Math.round(burst / requestsPerSecond))
  const policy = `"caller";q=${burst};w=${windowSeconds}`
  app.addHook('onRequest', async (request, reply) => {
    const caller = findCallerOf(request)
    if (!caller) return
    const taken = quotas.take(caller.actor, clock.now())
    reply.header('ratelimit-policy', policy)
    reply.header('ratelimit', `"caller";r=${taken.remaining};t=${secondsOf(taken)}`)
    if (taken.allowed) return
    refuse(reply, taken)
  })
}

/** Refuses with the time to wait. Throws Problem `quota-exceeded`. */
export function refuse(reply: FastifyReply, taken: Taken): never {
  reply.header('retry-after', Math.max(1, secondsOf(taken)))
  throw new Problem('quota-exceeded')
}

function secondsOf({ waitMs }: Taken): number {
  return Math.ceil(waitMs / 1_000)
}
