import type { FastifyInstance } from 'fastify'
import { type Client, readClients, revokeClient } from '../../identity/clients.ts'
import { callerOf } from '../auth/authorize.ts'
import type { IdentityDeps } from '../deps.ts'
import { jsonBodyMaxBytes } from '../json-body.ts'
import type { MachineList, MachineView, RevokedClient } from '../openapi/identity-answers.ts'
import { readParameter } from '../parameter.ts'
import { listMachines, revokeBody, revokeMachine } from './describe-identity.ts'
import { pageDefault, pageParameters } from './page.ts'

type Named = { Params: { id: string } }

/** `GET /v1/machines` and `POST /v1/machines/{id}/revoke` (`identity:write`). They are added by a command: their keys are files. */
export function registerMachines(app: FastifyInstance, identity: IdentityDeps): void {
  app.get('/v1/machines', { config: { operation: listMachines } }, async (request, reply) => {
    const limit = readParameter(request.query, pageParameters.limit) ?? pageDefault
    const before = readParameter(request.query, pageParameters.before)
    const found = await readClients(identity.db, { kind: 'machine', stores: undefined, before, limit })
    const next = found.length === limit ? found.at(-1)?.clientId : undefined
    return reply.send({ machines: found.map(viewOf), ...(next !== undefined && { next }) } satisfies MachineList)
  })

  const revocations = { bodyLimit: jsonBodyMaxBytes, config: { operation: revokeMachine } }
  app.post<Named>('/v1/machines/:id/revoke', revocations, async (request, reply) => {
    const { actor } = callerOf(request)
    const { reason } = revokeBody.read(request)
    const { clientId, revokedAt = new Date() } = await revokeClient(identity.db, request.params.id, {
      ...{ kind: 'machine', actor },
      ...(reason !== undefined && { reason }),
    })
    return reply.send({ clientId, revokedAt } satisfies RevokedClient)
  })
}

function viewOf({ clientId, name, scopes, stores, binding, createdAt, revokedAt }: Client): MachineView {
  return {
    clientId,
    name,
    scopes,
    ...(stores && { stores }),
    binding,
    addedAt: createdAt,
    ...(revokedAt && { revokedAt }),
  }
}
