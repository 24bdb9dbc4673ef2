import type { FastifyInstance } from 'fastify'
import { readTargetConditions } from '../../delivery/condition.ts'
import { drainTarget, pauseTarget, resumeTarget } from '../../delivery/pause.ts'
import { readTargetStatus } from '../../delivery/status.ts'
import { callerOf } from '../auth/authorize.ts'
import { isGranted } from '../auth/caller.ts'
import type { TargetsDeps } from '../deps.ts'
import { jsonBodyMaxBytes } from '../json-body.ts'
import type { DrainedTarget, PausedTarget, ResumedTarget, TargetList } from '../openapi/target-answers.ts'
import { drain, listTargets, pause, resume } from './describe-targets.ts'
import { maybeReasonBody, reasonBody } from './target-bodies.ts'

type Named = { Params: { name: string } }

const bodyLimit = jsonBodyMaxBytes

/**
 * `GET /v1/targets`: where every receipt stands at every target (`admin:read`); who looks after some stores sees the targets without
 * counts, which are of all stores. `POST /v1/targets/{name}/pause` and `/drain` with a
 * reason, `/resume` without (`admin:write`); what is so already is answered with `changed: false`.
 */
export function registerTargets(app: FastifyInstance, targets: TargetsDeps): void {
  app.get('/v1/targets', { config: { operation: listTargets } }, async (request, reply) => {
    const seesAll = isGranted(callerOf(request), 'admin:read')
    const list = seesAll ? await readTargetStatus(targets.db) : await readTargetConditions(targets.db)
    return reply.send({ targets: list } satisfies TargetList)
  })
  app.post<Named>('/v1/targets/:name/pause', { bodyLimit, config: { operation: pause } }, async (request, reply) => {
    const { actor } = callerOf(request)
    const { reason } = reasonBody.read(request)
    const answer: PausedTarget = await pauseTarget(targets.db, request.params.name, reason, actor)
    return reply.send(answer)
  })
  app.post<Named>('/v1/targets/:name/drain', { bodyLimit, config: { operation: drain } }, async (request, reply) => {
    const { actor } = callerOf(request)
    const { reason } = reasonBody.read(request)
    const answer: DrainedTarget = await drainTarget(targets.db, request.params.name, reason, actor)
    return reply.code(202).send(answer)
  })
  app.post<Named>('/v1/targets/:name/resume', { bodyLimit, config: { operation: resume } }, async (request, reply) => {
    const { actor } = callerOf(request)
    const { reason } = maybeReasonBody.read(request)
    const changed = await resumeTarget(targets.db, request.params.name, actor, reason ?? undefined)
    return reply.send({ changed } satisfies ResumedTarget)
  })
}
