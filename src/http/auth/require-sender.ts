import type { FastifyRequest } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import type { HttpDeps } from '../deps.ts'
import { actsOnEveryStore, type Scope, type Sender } from './token-store.ts'

/** The sender of a request, or Problem `unauthorized`. */
export async function requireSender(deps: HttpDeps, request: FastifyRequest, scope: Scope): Promise<Sender> {
  const { authorization } = request.headers
  const bearer =
    authorization !== undefined && /^Bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
  const sender = bearer === undefined ? undefined : await deps.tokens.authenticate(bearer)
  if (!sender) throw new Problem('unauthorized')
  if (!sender.scopes.has(scope)) throw new Problem('unauthorized', `The token has no scope ${scope}.`)
  if (!isGranted(sender, scope))
    throw new Problem('unauthorized', `The token is limited to stores, and ${scope} acts on every store.`)
  return sender
}

/** Whether a sender may use a scope: a token that is limited to stores has no scope that acts on all of them, whatever it was made with. */
export function isGranted({ scopes, stores }: Sender, scope: Scope): boolean {
  return scopes.has(scope) && !(stores && actsOnEveryStore(scope))
}
