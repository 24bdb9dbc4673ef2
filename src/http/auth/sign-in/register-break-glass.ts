import type { FastifyInstance } from 'fastify'
import { isProblem } from '../../../contract/problem.ts'
import { redeemBreakGlass } from '../../../identity/break-glass.ts'
import type { SignInDeps } from '../../deps.ts'
import type { Operation } from '../../openapi/operation.ts'
import { acceptForms, formBytesMax, readForm } from '../../pages/form.ts'
import { html } from '../../pages/html.ts'
import { sendPage } from '../../pages/page.ts'
import { keepSession } from './browser-sessions.ts'
import { keepWayPrivate } from './private-way.ts'

const path = '/auth/break-glass'

const operation: Operation = {
  id: 'breakGlass',
  summary: 'Come in by a one-time code, while the provider is away',
  tag: 'people',
  // The code is the credentials.
  access: [],
  takesCredentials: true,
  answers: {},
  problems: [],
  isPage: true,
  isDescribedElsewhere: true,
}

/** `/auth/break-glass`: the code of `tillflow break-glass`, for an administrator's session of an hour. It needs no provider. */
export function registerBreakGlass(app: FastifyInstance, deps: SignInDeps): void {
  app.register(async (scope) => {
    acceptForms(scope)
    keepWayPrivate(scope, deps.publicUrl)
    const options = { bodyLimit: formBytesMax, config: { operation } }
    scope.get(path, options, async (_request, reply) => sendPage(reply, 200, codePage()))
    scope.post(path, options, async (request, reply) => {
      const field = readForm(request, deps.publicUrl())
      try {
        const broken = await redeemBreakGlass(deps.db, deps.identityKey, field('code'))
        const { breakGlassId, reason, issuedBy, sessionId, endsAt } = broken
        deps.logger.warn({ breakGlassId, reason, issuedBy, sessionId, endsAt }, 'the glass was broken')
        deps.metrics.breakGlassSession()
        keepSession(deps, reply, broken)
        return reply.redirect('/', 303)
      } catch (error) {
        if (!isProblem(error) || error.code !== 'break-glass-code-invalid') throw error
        deps.logger.warn({ code: error.code }, 'a code for an emergency was refused')
        deps.metrics.signIn(error.code)
        return sendPage(reply, error.status, codePage(`${error.message} ${error.advice}`))
      }
    })
  })
}

function codePage(wrong?: string) {
  const state = wrong === undefined ? html`autofocus` : html`autofocus aria-invalid="true" aria-describedby="problem"`
  const body = html`<p>For an emergency: whoever may use the machine of the hub makes a code there, with <code>tillflow break-glass</code>. All
that is done is on record.</p>
<form method="post">
<label for="code">Code</label>
<input id="code" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="64" ${state}>
<button>Break the glass</button>
</form>`
  return { title: 'Break the glass', body, ...(wrong !== undefined && { problem: { text: wrong, field: 'code' } }) }
}
