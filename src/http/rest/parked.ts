import type { FastifyInstance } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import { readParked } from '../../delivery/parked.ts'
import { readFingerprintGroups, retryGroup } from '../../delivery/parked-groups.ts'
import { findTarget } from '../../delivery/targets.ts'
import { requireSender } from '../auth/require-sender.ts'
import type { HttpDeps, TargetsDeps } from '../deps.ts'
import { jsonBody, jsonBodyMaxBytes } from '../json-body.ts'
import { pageLimit, uuidPattern } from './page.ts'

interface RetryBody {
  all?: boolean
  fingerprint?: string
  eventIds?: string[]
  businessUnitId?: string
  businessDayDate?: string
  includeNeedsCheck?: boolean
}

const eventsMax = 1_000

const readRetry = jsonBody<RetryBody>({
  type: 'object',
  properties: {
    all: { type: 'boolean', nullable: true },
    fingerprint: { type: 'string', pattern: '^[0-9a-f]{12}$', nullable: true },
    eventIds: {
      type: 'array',
      items: { type: 'string', pattern: uuidPattern },
      minItems: 1,
      maxItems: eventsMax,
      nullable: true,
    },
    businessUnitId: { type: 'string', minLength: 1, maxLength: 64, nullable: true },
    businessDayDate: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', nullable: true },
    includeNeedsCheck: { type: 'boolean', nullable: true },
  },
  required: [],
  additionalProperties: false,
})

type Named = { Params: { name: string } }

/**
 * `GET /v1/targets/{name}/parked`: what a person must decide; with `group=fingerprint` by cause (`admin:read`). `POST
 * /v1/targets/{name}/retry`: events, a whole cause, a store or a day back into their lanes (`admin:write`).
 */
export function registerParked(app: FastifyInstance, deps: HttpDeps, { db }: TargetsDeps): void {
  app.get<Named & { Querystring: { group?: string; limit?: string } }>(
    '/v1/targets/:name/parked',
    async (request, reply) => {
      await requireSender(deps, request, 'admin:read')
      const { name } = await findTarget(db, request.params.name)
      const { group, limit } = request.query
      if (group === 'fingerprint') return reply.send({ groups: await readFingerprintGroups(db, name) })
      if (group !== undefined) throw new Problem('request-invalid', 'group is fingerprint, or not there.')
      return reply.send({ events: await readParked(db, { target: name, limit: pageLimit(limit) }) })
    },
  )
  app.post<Named>('/v1/targets/:name/retry', { bodyLimit: jsonBodyMaxBytes }, async (request, reply) => {
    const { tokenId } = await requireSender(deps, request, 'admin:write')
    const { name } = await findTarget(db, request.params.name)
    const { all, fingerprint, eventIds, businessUnitId, businessDayDate, includeNeedsCheck } = readRetry(request)
    if (!all && !fingerprint && !eventIds && !businessUnitId && !businessDayDate)
      throw new Problem('request-invalid', 'Name eventIds, a fingerprint, a store or a day, or say all.')
    const retried = await retryGroup(db, {
      target: name,
      actor: `token:${tokenId}`,
      includeNeedsCheck: includeNeedsCheck ?? false,
      filter: { ...(businessUnitId && { businessUnitId }), ...(businessDayDate && { businessDayDate }) },
      ...(fingerprint && { fingerprint }),
      ...(eventIds && { eventIds }),
    })
    return reply.send({ retried })
  })
}
