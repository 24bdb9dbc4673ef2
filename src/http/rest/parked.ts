import type { FastifyInstance } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import { readParked } from '../../delivery/parked.ts'
import { readFingerprintGroups, retryGroup } from '../../delivery/parked-groups.ts'
import { findTarget } from '../../delivery/targets.ts'
import { callerOf } from '../auth/authorize.ts'
import { requireStore, storesFor } from '../auth/caller.ts'
import type { TargetsDeps } from '../deps.ts'
import { jsonBodyMaxBytes } from '../json-body.ts'
import type { ParkedCauses, ParkedList, RetriedEvents } from '../openapi/target-answers.ts'
import { readParameter } from '../parameter.ts'
import { groupParameter, listParked, retryParked } from './describe-targets.ts'
import { pageDefault, pageParameters } from './page.ts'
import { retryBody } from './target-bodies.ts'

type Named = { Params: { name: string } }

/**
 * `GET /v1/targets/{name}/parked`: what a person must decide; with `group=fingerprint` by cause (`admin:read`). `POST
 * /v1/targets/{name}/retry`: events, a whole cause, a store or a day back into their lanes (`admin:write`). Whoever looks after some stores
 * sees and moves what is theirs.
 */
export function registerParked(app: FastifyInstance, targets: TargetsDeps): void {
  app.get<Named>('/v1/targets/:name/parked', { config: { operation: listParked } }, async (request, reply) => {
    const group = readParameter(request.query, groupParameter)
    const limit = readParameter(request.query, pageParameters.limit) ?? pageDefault
    const stores = storesFor(callerOf(request), 'admin:read')
    const { name } = await findTarget(targets.db, request.params.name)
    if (group !== undefined)
      return reply.send({ groups: await readFingerprintGroups(targets.db, name, stores) } satisfies ParkedCauses)
    const events = await readParked(targets.db, { target: name, limit, ...(stores && { stores }) })
    return reply.send({ events } satisfies ParkedList)
  })

  const options = { bodyLimit: jsonBodyMaxBytes, config: { operation: retryParked } }
  app.post<Named>('/v1/targets/:name/retry', options, async (request, reply) => {
    const caller = callerOf(request)
    const stores = storesFor(caller, 'admin:write')
    const { name } = await findTarget(targets.db, request.params.name)
    const { all, fingerprint, eventIds, businessUnitId, businessDayDate, includeNeedsCheck, reason } =
      retryBody.read(request)
    if (!all && !fingerprint && !eventIds && !businessUnitId && !businessDayDate)
      throw new Problem('request-invalid', 'Name eventIds, a fingerprint, a store or a day, or say all.')
    requireStore(stores, businessUnitId)
    const retried = await retryGroup(targets.db, {
      target: name,
      actor: caller.actor,
      ...(stores && { stores }),
      includeNeedsCheck: includeNeedsCheck ?? false,
      filter: { ...(businessUnitId && { businessUnitId }), ...(businessDayDate && { businessDayDate }) },
      ...(fingerprint && { fingerprint }),
      ...(eventIds && { eventIds }),
      ...(reason && { reason }),
    })
    return reply.send({ retried } satisfies RetriedEvents)
  })
}
