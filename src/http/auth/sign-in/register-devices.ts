import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isProblem, type Problem } from '../../../contract/problem.ts'
import { approveDevice, findDeviceRequest, refuseDevice } from '../../../identity/device-requests.ts'
import { formTokenOf } from '../../../identity/sessions.ts'
import type { SignInDeps } from '../../deps.ts'
import type { Operation } from '../../openapi/operation.ts'
import { acceptForms, formBytesMax, readForm } from '../../pages/form.ts'
import { html } from '../../pages/html.ts'
import { sendPage } from '../../pages/page.ts'
import { devicesPath } from '../authorization-server/device-paths.ts'
import { callerOf } from '../authorize.ts'
import { requireStore, storesFor } from '../caller.ts'
import { sessionOf } from './browser-sessions.ts'
import { askPage, type DevicePage, lookPage } from './device-pages.ts'

const operation: Operation = {
  id: 'answerDevice',
  summary: 'Page on which somebody says which till it is that shows a code',
  tag: 'people',
  access: ['identity:write'],
  acts: 'per-store',
  answers: {},
  problems: [],
  isPage: true,
  isDescribedElsewhere: true,
}

/** As tills show it: base-20 letters with a hyphen. */
const codeForm = /^[BCDFGHJKLMNPQRSTVWXZ]{4}-?[BCDFGHJKLMNPQRSTVWXZ]{4}$/
/** What somebody can put right on the page itself. */
const told: readonly string[] = ['device-code-unknown', 'tries-exceeded', 'request-invalid', 'unknown-store']

/**
 * `/auth/devices`: type the code, look what asks, say which till it is or send it away (`identity:write` for the store). The authorization
 * server's own pages for this would need a session there; this one goes by the session of the hub.
 */
export function registerDevices(app: FastifyInstance, deps: SignInDeps): void {
  app.register(async (scope) => {
    acceptForms(scope)
    scope.get(devicesPath, { config: { operation } }, async (request, reply) => {
      const { code } = request.query as { code?: unknown }
      const given = typeof code === 'string' && codeForm.test(code.toUpperCase()) ? code.toUpperCase() : undefined
      return sendPage(reply, 200, askPage(contextOf(deps, request), given))
    })
    const options = { bodyLimit: formBytesMax, config: { operation } }
    scope.post(devicesPath, options, async (request, reply) => {
      const field = readForm(request, deps.publicUrl())
      const typed = { userCode: field('code'), actor: callerOf(request).actor }
      const till = { store: field('store').trim(), till: field('till').trim() }
      try {
        if (field('answer') === 'approve') return await approve(deps, request, reply, { ...typed, ...till })
        if (field('answer') === 'refuse') return await refuse(deps, reply, typed)
        return sendPage(reply, 200, await look(deps, request, typed))
      } catch (error) {
        if (!isProblem(error) || !told.includes(error.code)) throw error
        return tell(deps, request, reply, { ...typed, problem: error })
      }
    })
  })
}

interface Typed {
  userCode: string
  actor: string
}

async function look(deps: SignInDeps, request: FastifyRequest, typed: Typed, problem?: Problem) {
  const asks = await findDeviceRequest(deps.db, deps.identityKey, typed)
  return lookPage(contextOf(deps, request), { asks, userCode: typed.userCode, ...(problem && { problem }) })
}

async function approve(
  { db, identityKey }: SignInDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Typed & { store: string; till: string },
) {
  requireStore(storesFor(callerOf(request), 'identity:write'), answer.store)
  await approveDevice(db, identityKey, answer)
  const body = html`<p role="status">It enrols as till ${answer.till} of store ${answer.store} within seconds.</p>
<p><a href="${devicesPath}">Another till</a></p>`
  return sendPage(reply, 200, { title: 'The till may come in', body })
}

async function refuse({ db, identityKey }: SignInDeps, reply: FastifyReply, typed: Typed) {
  await refuseDevice(db, identityKey, typed)
  const body = html`<p role="status">It is told so, and its code is worth nothing any more.</p>
<p><a href="${devicesPath}">Another till</a></p>`
  return sendPage(reply, 200, { title: 'The till was sent away', body })
}

/** What is wrong with the code is told where it is typed; what is wrong with the till, where that is. */
async function tell(
  deps: SignInDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { problem, ...typed }: Typed & { problem: Problem },
) {
  const isOfCode = problem.code === 'device-code-unknown' || problem.code === 'tries-exceeded'
  const page = isOfCode
    ? askPage(contextOf(deps, request), undefined, problem)
    : await look(deps, request, typed, problem)
  return sendPage(reply, problem.status, page)
}

function contextOf({ identityKey }: SignInDeps, request: FastifyRequest): DevicePage {
  const session = sessionOf(request)
  const stores = storesFor(callerOf(request), 'identity:write')
  return {
    ...(session && { formToken: formTokenOf(identityKey, session) }),
    ...(stores && { stores: stores.toSorted() }),
  }
}
