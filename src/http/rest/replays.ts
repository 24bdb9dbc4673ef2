import type { FastifyInstance, FastifyReply } from 'fastify'
import { readActs } from '../../audit/acts.ts'
import { Problem } from '../../contract/problem.ts'
import { abortReplay, pauseReplay, resumeReplay, runReplay } from '../../delivery/replay/control.ts'
import { dryRun } from '../../delivery/replay/dry-run.ts'
import { planReplay } from '../../delivery/replay/plan-replay.ts'
import {
  type ItemPage,
  readReplay,
  readReplayItems,
  readReplayProgress,
  readReplays,
} from '../../delivery/replay/read.ts'
import { type Replay, replayRateDefault } from '../../delivery/replay/replay.ts'
import { findTarget } from '../../delivery/targets.ts'
import { callerOf } from '../auth/authorize.ts'
import { requireStore, storesFor } from '../auth/caller.ts'
import type { HttpDeps, TargetsDeps } from '../deps.ts'
import { jsonBodyMaxBytes } from '../json-body.ts'
import type { MovedReplay, PlannedReplay, ReplayList, ReplayPage } from '../openapi/target-answers.ts'
import { readParameter } from '../parameter.ts'
import * as operations from './describe-replays.ts'
import { previewParameter } from './describe-replays.ts'
import { pageDefault, pageParameters } from './page.ts'
import { planBody, planRequestOf, runBody } from './replay-bodies.ts'
import { emptyBody } from './target-bodies.ts'

type Named = { Params: { name: string } }
type One = { Params: { name: string; id: string } }

const bodyLimit = jsonBodyMaxBytes

/**
 * `POST /v1/targets/{name}/replays`: a plan. `GET .../replays/{id}`: how far it is, with a page of its receipts; `preview=1` adds what
 * would change at the target. `POST .../replays/{id}/run`, `/pause`, `/resume`, `/abort`. Looking needs `admin:read`, acting
 * `admin:write`; who looks after some stores plans for one of them, and sees plans of that kind alone, at no more than the usual rate, and does not pause.
 */
export function registerReplays(app: FastifyInstance, deps: HttpDeps, targets: TargetsDeps): void {
  registerPlans(app, deps, targets)
  registerActs(app, targets)
}

function registerPlans(app: FastifyInstance, deps: HttpDeps, targets: TargetsDeps): void {
  const plans = { bodyLimit, config: { operation: operations.planReplay } }
  app.post<Named>('/v1/targets/:name/replays', plans, async (request, reply) => {
    const caller = callerOf(request)
    const plan = planRequestOf(planBody.read(request), caller.actor)
    const stores = storesFor(caller, 'admin:write')
    // What is planned for every store is not for one who looks after some.
    if (stores && plan.filter.businessUnitId === undefined)
      throw new Problem('request-invalid', 'Name the store: businessUnitId. You look after some of them.')
    requireStore(stores, plan.filter.businessUnitId)
    requireRate(stores, plan.ratePerSecond)
    const { target, close } = await targets.connect(request.params.name)
    try {
      const { targetId, name, connection } = target
      const replay = await planReplay(targets.db, { targetId, name, features: connection.features }, plan)
      reply.header('location', `/v1/targets/${name}/replays/${replay.replayId}`)
      return await reply.code(201).send({ replay } satisfies PlannedReplay)
    } finally {
      await close()
    }
  })

  const lists = { config: { operation: operations.listReplays } }
  app.get<Named>('/v1/targets/:name/replays', lists, async (request, reply) => {
    const limit = readParameter(request.query, pageParameters.limit) ?? pageDefault
    const stores = storesFor(callerOf(request), 'admin:read')
    const { name } = await findTarget(targets.db, request.params.name)
    return reply.send({ replays: await readReplays(targets.db, { target: name, limit, stores }) } satisfies ReplayList)
  })

  const reads = { config: { operation: operations.readReplay } }
  app.get<One>('/v1/targets/:name/replays/:id', reads, async (request, reply) => {
    const { query, params } = request
    const limit = readParameter(query, pageParameters.limit) ?? pageDefault
    const after = readParameter(query, pageParameters.afterEvent)
    const wantsPreview = readParameter(query, previewParameter) !== undefined
    const replay = await findReplay(targets, params, storesFor(callerOf(request), 'admin:read'))
    return reply.send(await pageOf(deps, targets, replay, { limit, ...(after && { after }) }, wantsPreview))
  })
}

async function pageOf(
  { logger }: HttpDeps,
  { db, connect }: TargetsDeps,
  replay: Replay,
  page: ItemPage,
  wantsPreview: boolean,
): Promise<ReplayPage> {
  const { replayId, target: name } = replay
  const preview = async () => {
    const { target, close } = await connect(name)
    try {
      return await dryRun(db, target, replay, page, { logger, now: Date.now })
    } finally {
      await close()
    }
  }
  const items = wantsPreview ? await preview() : await readReplayItems(db, replayId, page)
  const next = items.length === page.limit ? items.at(-1)?.eventId : undefined
  const [progress, acts] = await Promise.all([readReplayProgress(db, replayId), readActs(db, `replay:${replayId}`)])
  return { replay, progress, acts, items, ...(next !== undefined && { next }) }
}

function registerActs(app: FastifyInstance, targets: TargetsDeps): void {
  const answer = async (reply: FastifyReply, replay: Replay) => {
    const progress = await readReplayProgress(targets.db, replay.replayId)
    return reply.send({ replay, progress } satisfies MovedReplay)
  }

  const runs = { bodyLimit, config: { operation: operations.runReplay } }
  app.post<One>('/v1/targets/:name/replays/:id/run', runs, async (request, reply) => {
    const caller = callerOf(request)
    const { confirm, ratePerSecond } = runBody.read(request)
    const stores = storesFor(caller, 'admin:write')
    const { replayId } = await findReplay(targets, request.params, stores)
    requireRate(stores, ratePerSecond)
    const run = { confirmAgain: confirm === 'again', ...(ratePerSecond && { ratePerSecond }) }
    return answer(reply, await runReplay(targets.db, replayId, caller.actor, run))
  })

  const acts = [
    ['pause', pauseReplay, operations.pauseReplay],
    ['resume', resumeReplay, operations.resumeReplay],
    ['abort', abortReplay, operations.abortReplay],
  ] as const
  for (const [act, work, operation] of acts) {
    app.post<One>(
      `/v1/targets/:name/replays/:id/${act}`,
      { bodyLimit, config: { operation } },
      async (request, reply) => {
        const caller = callerOf(request)
        emptyBody.read(request)
        const { replayId } = await findReplay(targets, request.params, storesFor(caller, 'admin:write'))
        return answer(reply, await work(targets.db, replayId, caller.actor))
      },
    )
  }
}

/** The target is everybody's: who looks after some stores asks no more of it than is usual. Throws Problem `request-invalid`. */
function requireRate(stores: readonly string[] | undefined, ratePerSecond = replayRateDefault): void {
  if (!stores || ratePerSecond <= replayRateDefault) return
  const most = `ratePerSecond is at most ${replayRateDefault} for you: you look after some stores.`
  throw new Problem('request-invalid', most)
}

/** The replay of another target has another address, and that of a store of somebody else is not there: Problem `unknown-replay`. */
async function findReplay(
  { db }: TargetsDeps,
  { name, id }: One['Params'],
  stores: readonly string[] | undefined,
): Promise<Replay> {
  const replay = await readReplay(db, id)
  const { businessUnitId } = replay.filter
  if (replay.target !== name || (stores && !stores.some((store) => store === businessUnitId)))
    throw new Problem('unknown-replay')
  return replay
}
