import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isProblem } from '../../../contract/problem.ts'
import { choosePassword } from '../../../identity/local-accounts.ts'
import { passwordLengthMin } from '../../../identity/password-rules.ts'
import { signInLocally } from '../../../identity/sign-in-locally.ts'
import type { IdentityDeps } from '../../deps.ts'
import type { Operation } from '../../openapi/operation.ts'
import { acceptForms, formBytesMax, readForm } from '../../pages/form.ts'
import { html } from '../../pages/html.ts'
import { sendPage } from '../../pages/page.ts'
import { placeOf } from '../../walls/limit-failed-credentials.ts'
import { keepWayPrivate } from '../sign-in/private-way.ts'
import { choosePasswordPath, signInPath } from './local-paths.ts'

const operation: Operation = {
  id: 'signInLocally',
  summary: 'Pages on which people of the hub sign in',
  tag: 'identity',
  // Name and password, or a one-time code, are the credentials.
  access: [],
  answers: {},
  problems: [],
  takesCredentials: true,
  isPage: true,
  isDescribedElsewhere: true,
}

const startAgainPath = '/auth/sign-in'
const options = { bodyLimit: formBytesMax, config: { operation } }

/** `/oauth/sign-in/:uid` and `/oauth/choose-password`: plain forms, without a script. */
export function registerSignInPages(app: FastifyInstance, identity: IdentityDeps): void {
  app.register(async (scope) => {
    acceptForms(scope)
    keepWayPrivate(scope, identity.publicUrl)
    scope.get(`${signInPath}/:uid`, options, async (request, reply) => {
      const underWay = await identity.authorizationServer.findSignIn(request.raw, reply.raw)
      return underWay ? sendPage(reply, 200, signInPage()) : sendEnded(reply)
    })
    scope.post(`${signInPath}/:uid`, options, (request, reply) => answerSignIn(identity, request, reply))
    scope.get(choosePasswordPath, options, async (_request, reply) => sendPage(reply, 200, passwordPage()))
    scope.post(choosePasswordPath, options, (request, reply) => answerPassword(identity, request, reply))
  })
}

async function answerSignIn(identity: IdentityDeps, request: FastifyRequest, reply: FastifyReply) {
  const { db, identityKey, authorizationServer } = identity
  const field = readForm(request, identity.publicUrl())
  // Before the password is looked at: what ended is not worth a try.
  if (!(await authorizationServer.findSignIn(request.raw, reply.raw))) return sendEnded(reply)
  const typed = { name: field('name'), password: field('password'), address: placeOf(request.ip) }
  const result = await signInLocally(db, identityKey, typed)
  if (result.outcome === 'wait') {
    const seconds = Math.max(1, Math.ceil(result.waitMs / 1_000))
    const text = `Too many tries were wrong. Wait ${inMinutes(seconds)}, then try again.`
    return sendPage(reply.header('retry-after', seconds), 429, signInPage(text))
  }
  if (result.outcome === 'wrong')
    return sendPage(reply, 401, signInPage('The name or the password is wrong. Try again.'))
  const next = await authorizationServer.finishSignIn(request.raw, reply.raw, result)
  return next === undefined ? sendEnded(reply) : reply.redirect(next, 303)
}

async function answerPassword(
  { db, identityKey, publicUrl }: IdentityDeps,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const field = readForm(request, publicUrl())
  const [name, code, password] = [field('name'), field('code'), field('password')]
  if (password !== field('again'))
    return sendPage(
      reply,
      422,
      passwordPage({ text: 'The two passwords differ. Type the same twice.', field: 'password' }),
    )
  try {
    await choosePassword(db, identityKey, { name, code, password })
  } catch (error) {
    if (!isProblem(error) || !['invitation-invalid', 'password-unfit'].includes(error.code)) throw error
    const at = error.code === 'password-unfit' ? 'password' : 'code'
    return sendPage(reply, error.status, passwordPage({ text: `${error.message} ${error.advice}`, field: at }))
  }
  const body = html`<p>From now on you sign in with it.</p>
<p><a href="${startAgainPath}">Sign in</a></p>`
  return sendPage(reply, 200, { title: 'Your password is set', body })
}

function sendEnded(reply: FastifyReply): FastifyReply {
  const body = html`<p>It was not finished in time, or was finished before.</p>
<p><a href="${startAgainPath}">Sign in again</a></p>`
  return sendPage(reply, 400, { title: 'This sign-in has ended', body })
}

function signInPage(wrong?: string) {
  const state = wrong === undefined ? html`autofocus` : html`autofocus aria-invalid="true" aria-describedby="problem"`
  const body = html`<form method="post">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="100" ${state}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="512">
<button>Sign in</button>
</form>`
  return { title: 'Sign in', body, ...(wrong !== undefined && { problem: { text: wrong, field: 'name' } }) }
}

function passwordPage(problem?: { text: string; field: string }) {
  const stateOf = (field: string) =>
    problem?.field === field ? html`autofocus aria-invalid="true" aria-describedby="problem"` : html``
  const body = html`<form method="post">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="100">
<label for="code">Code</label>
<p class="hint" id="code-hint">The one that you were given. It works once.</p>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required maxlength="32" ${stateOf('code')}>
<label for="password">New password</label>
<p class="hint" id="password-hint">${passwordLengthMin} characters or more. Some words that nobody would put together do.</p>
<input id="password" name="password" type="password" autocomplete="new-password" required maxlength="512" ${stateOf('password')}>
<label for="again">New password again</label>
<input id="again" name="again" type="password" autocomplete="new-password" required maxlength="512">
<button>Set password</button>
</form>`
  return { title: 'Choose your password', body, ...(problem && { problem }) }
}

function inMinutes(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}
