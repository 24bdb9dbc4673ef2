import type { FastifyInstance } from 'fastify'
import { drainTarget, pauseReasonLengthMax, pauseTarget, resumeTarget } from '../../delivery/pause.ts'
import { readTargetStatus } from '../../delivery/status.ts'
import { requireSender } from '../auth/require-sender.ts'
import type { HttpDeps, TargetsDeps } from '../deps.ts'
import { jsonBody, jsonBodyMaxBytes } from '../json-body.ts'

interface Reason {
  reason: string
}

const readReason = jsonBody<Reason>({
  type: 'object',
  properties: { reason: { type: 'string', minLength: 1, maxLength: pauseReasonLengthMax } },
  required: ['reason'],
  additionalProperties: false,
})

type Named = { Params: { name: string } }

/**
 * `GET /v1/targets`: where every receipt stands at every target (`admin:read`). `POST /v1/targets/{name}/pause` and `/drain` with a
 * reason, `/resume` without (`admin:write`); what is so already is answered with `changed: false`.
 */
export function registerTargets(app: FastifyInstance, deps: HttpDeps, { db }: TargetsDeps): void {
  app.get('/v1/targets', async (request, reply) => {
    await requireSender(deps, request, 'admin:read')
    return reply.send({ targets: await readTargetStatus(db) })
  })
  app.post<Named>('/v1/targets/:name/pause', { bodyLimit: jsonBodyMaxBytes }, async (request, reply) => {
    const { tokenId } = await requireSender(deps, request, 'admin:write')
    const { reason } = readReason(request)
    return reply.send(await pauseTarget(db, request.params.name, reason, `token:${tokenId}`))
  })
  app.post<Named>('/v1/targets/:name/drain', { bodyLimit: jsonBodyMaxBytes }, async (request, reply) => {
    const { tokenId } = await requireSender(deps, request, 'admin:write')
    const { reason } = readReason(request)
    return reply.code(202).send(await drainTarget(db, request.params.name, reason, `token:${tokenId}`))
  })
  app.post<Named>('/v1/targets/:name/resume', { bodyLimit: jsonBodyMaxBytes }, async (request, reply) => {
    const { tokenId } = await requireSender(deps, request, 'admin:write')
    return reply.send({ changed: await resumeTarget(db, request.params.name, `token:${tokenId}`) })
  })
}
