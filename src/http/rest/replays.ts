import type { FastifyInstance, FastifyReply } from 'fastify'
import { readActs } from '../../audit/acts.ts'
import { Problem } from '../../contract/problem.ts'
import { abortReplay, pauseReplay, resumeReplay, runReplay } from '../../delivery/replay/control.ts'
import { dryRun } from '../../delivery/replay/dry-run.ts'
import { planReplay } from '../../delivery/replay/plan-replay.ts'
import { readReplay, readReplayItems, readReplayProgress, readReplays } from '../../delivery/replay/read.ts'
import type { Replay } from '../../delivery/replay/replay.ts'
import { findTarget } from '../../delivery/targets.ts'
import { requireSender } from '../auth/require-sender.ts'
import type { HttpDeps, TargetsDeps } from '../deps.ts'
import { jsonBodyMaxBytes } from '../json-body.ts'
import { pageAfter, pageLimit } from './page.ts'
import { planRequestOf, readNothing, readPlan, readRun } from './replay-bodies.ts'

interface PageQuery {
  limit?: string
  after?: string
  preview?: string
}

type Named = { Params: { name: string } }
type One = { Params: { name: string; id: string } }

/**
 * `POST /v1/targets/{name}/replays`: a plan. `GET .../replays/{id}`: how far it is, with a page of its receipts; `preview=1` adds what
 * would change at the target. `POST .../replays/{id}/run`, `/pause`, `/resume`, `/abort`. Looking needs `admin:read`, acting
 * `admin:write`.
 */
export function registerReplays(app: FastifyInstance, deps: HttpDeps, targets: TargetsDeps): void {
  registerPlans(app, deps, targets)
  registerActs(app, deps, targets)
}

function registerPlans(app: FastifyInstance, deps: HttpDeps, { db, connect }: TargetsDeps): void {
  app.post<Named>('/v1/targets/:name/replays', { bodyLimit: jsonBodyMaxBytes }, async (request, reply) => {
    const { tokenId } = await requireSender(deps, request, 'admin:write')
    const plan = planRequestOf(readPlan(request), `token:${tokenId}`)
    const { target, close } = await connect(request.params.name)
    try {
      const { targetId, name, connection } = target
      const replay = await planReplay(db, { targetId, name, features: connection.features }, plan)
      reply.header('location', `/v1/targets/${name}/replays/${replay.replayId}`)
      return await reply.code(201).send({ replay })
    } finally {
      await close()
    }
  })

  app.get<Named & { Querystring: PageQuery }>('/v1/targets/:name/replays', async (request, reply) => {
    await requireSender(deps, request, 'admin:read')
    const { name } = await findTarget(db, request.params.name)
    return reply.send({ replays: await readReplays(db, { target: name, limit: pageLimit(request.query.limit) }) })
  })

  app.get<One & { Querystring: PageQuery }>('/v1/targets/:name/replays/:id', async (request, reply) => {
    await requireSender(deps, request, 'admin:read')
    const { name, id } = request.params
    const replay = await ofTarget(readReplay(db, id), name)
    const limit = pageLimit(request.query.limit)
    const page = { ...pageAfter(request.query.after), limit }
    const items =
      request.query.preview === undefined ? await readReplayItems(db, id, page) : await preview(name, replay, page)
    const next = items.length === limit ? items.at(-1)?.eventId : undefined
    const [progress, acts] = await Promise.all([readReplayProgress(db, id), readActs(db, `replay:${id}`)])
    return reply.send({ replay, progress, acts, items, ...(next !== undefined && { next }) })
  })

  const preview = async (name: string, replay: Replay, page: Parameters<typeof dryRun>[3]) => {
    const { target, close } = await connect(name)
    try {
      return await dryRun(db, target, replay, page, { logger: deps.logger, now: Date.now })
    } finally {
      await close()
    }
  }
}

function registerActs(app: FastifyInstance, deps: HttpDeps, { db }: TargetsDeps): void {
  const options = { bodyLimit: jsonBodyMaxBytes }
  const answer = async (reply: FastifyReply, replay: Replay) =>
    reply.send({ replay, progress: await readReplayProgress(db, replay.replayId) })

  app.post<One>('/v1/targets/:name/replays/:id/run', options, async (request, reply) => {
    const { tokenId } = await requireSender(deps, request, 'admin:write')
    const { confirm, ratePerSecond } = readRun(request)
    const { name, id } = request.params
    await ofTarget(readReplay(db, id), name)
    const run = { confirmAgain: confirm === 'again', ...(ratePerSecond && { ratePerSecond }) }
    return answer(reply, await runReplay(db, id, `token:${tokenId}`, run))
  })

  const acts = { pause: pauseReplay, resume: resumeReplay, abort: abortReplay }
  for (const [act, work] of Object.entries(acts)) {
    app.post<One>(`/v1/targets/:name/replays/:id/${act}`, options, async (request, reply) => {
      const { tokenId } = await requireSender(deps, request, 'admin:write')
      readNothing(request)
      const { name, id } = request.params
      await ofTarget(readReplay(db, id), name)
      return answer(reply, await work(db, id, `token:${tokenId}`))
    })
  }
}

/** The replay of another target has another address. */
async function ofTarget(reading: Promise<Replay>, name: string): Promise<Replay> {
  const replay = await reading
  if (replay.target !== name) throw new Problem('unknown-replay')
  return replay
}
