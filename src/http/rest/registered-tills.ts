import type { FastifyInstance } from 'fastify'
import { type Client, readClients, revokeClient } from '../../identity/clients.ts'
import { inviteTill } from '../../identity/enrolment.ts'
import { thumbprintOf } from '../../identity/public-key.ts'
import { callerOf } from '../auth/authorize.ts'
import { requireStore, storesFor } from '../auth/caller.ts'
import type { IdentityDeps } from '../deps.ts'
import { jsonBodyMaxBytes } from '../json-body.ts'
import type { RevokedClient, TillInvitation, TillList, TillView } from '../openapi/identity-answers.ts'
import { readParameter } from '../parameter.ts'
import {
  inviteBody,
  inviteTillOperation,
  listTills,
  revokeBody,
  revokeTill,
  storeParameter,
} from './describe-identity.ts'
import { pageDefault, pageParameters } from './page.ts'

type Named = { Params: { id: string } }

/**
 * `POST /v1/tills/invitations`, `GET /v1/tills` and `POST /v1/tills/{id}/revoke` (`identity:write`). Whoever looks after some stores does so
 * with their tills; another one is not there for them.
 */
export function registerRegisteredTills(app: FastifyInstance, identity: IdentityDeps): void {
  const bodyLimit = jsonBodyMaxBytes
  const invitations = { bodyLimit, config: { operation: inviteTillOperation } }
  app.post('/v1/tills/invitations', invitations, async (request, reply) => {
    const caller = callerOf(request)
    const { businessUnitId, workstationId } = inviteBody.read(request)
    requireStore(storesFor(caller, 'identity:write'), businessUnitId)
    const till = { store: businessUnitId, till: workstationId, actor: caller.actor }
    const { code, expiresAt } = await inviteTill(identity.db, identity.identityKey, till)
    return reply.code(201).send({ businessUnitId, workstationId, code, expiresAt } satisfies TillInvitation)
  })

  app.get('/v1/tills', { config: { operation: listTills } }, async (request, reply) => {
    const store = readParameter(request.query, storeParameter)
    const limit = readParameter(request.query, pageParameters.limit) ?? pageDefault
    const before = readParameter(request.query, pageParameters.before)
    const mine = storesFor(callerOf(request), 'identity:write')
    requireStore(mine, store)
    const stores = store === undefined ? mine : [store]
    const found = await readClients(identity.db, { kind: 'till', stores, before, limit })
    const next = found.length === limit ? found.at(-1)?.clientId : undefined
    return reply.send({ tills: found.map(viewOf), ...(next !== undefined && { next }) } satisfies TillList)
  })

  const revocations = { bodyLimit, config: { operation: revokeTill } }
  app.post<Named>('/v1/tills/:id/revoke', revocations, async (request, reply) => {
    const caller = callerOf(request)
    const { reason } = revokeBody.read(request)
    const { clientId, revokedAt = new Date() } = await revokeClient(identity.db, request.params.id, {
      ...{ kind: 'till', actor: caller.actor, stores: storesFor(caller, 'identity:write') },
      ...(reason !== undefined && { reason }),
    })
    return reply.send({ clientId, revokedAt } satisfies RevokedClient)
  })
}

function viewOf({ clientId, stores, workstationId, jwks, createdAt, revokedAt }: Client): TillView {
  return {
    clientId,
    businessUnitId: stores?.[0] ?? '',
    workstationId: workstationId ?? '',
    keyThumbprint: thumbprintOf(jwks.keys[0] ?? {}),
    enrolledAt: createdAt,
    ...(revokedAt && { revokedAt }),
  }
}
