import type { FastifyInstance } from 'fastify'
import type { Grant } from '../../../domain/grant.ts'
import { formTokenOf, type Session } from '../../../identity/sessions.ts'
import type { SignInDeps } from '../../deps.ts'
import type { Operation } from '../../openapi/operation.ts'
import { type Html, html } from '../../pages/html.ts'
import { sendPage } from '../../pages/page.ts'
import { findBrowserSession, formTokenField } from './browser-sessions.ts'

const operation: Operation = {
  id: 'readHome',
  summary: 'Who is signed in',
  tag: 'people',
  access: [],
  answers: {},
  problems: [],
  isPage: true,
  isDescribedElsewhere: true,
}

/** `GET /`: who is signed in and as what, or where to sign in. */
export function registerHome(app: FastifyInstance, deps: SignInDeps): void {
  app.get('/', { config: { operation } }, async (request, reply) => {
    const session = await findBrowserSession(deps, request)
    const body = session ? signedIn(session, formTokenOf(deps.identityKey, session)) : signedOut(deps.publicUrl())
    return sendPage(reply, 200, { title: 'Tillflow', body })
  })
}

/** By the whole address: cookies of another name for this machine would not be there when the provider sends the browser back. */
function signedOut(publicUrl: string): Html {
  return html`<p>You are not signed in.</p>
<p><a href="${publicUrl}/auth/sign-in">Sign in</a></p>`
}

function signedIn({ person, grants, endsAt }: Session, formToken: string): Html {
  const name = person ? (person.name ?? person.email ?? 'Without a name') : 'Emergency administrator'
  const email = person?.email !== undefined && html`<dt>E-mail</dt><dd>${person.email}</dd>`
  const notice = person
    ? undefined
    : html`<p role="status"><strong>The glass is broken. All that is done is on record.</strong></p>`
  return html`${notice}
<dl>
<dt>Signed in as</dt><dd>${name}</dd>
${email || undefined}
<dt>Roles</dt><dd>${grants.map(wordsOf).join('; ')}</dd>
<dt>Until</dt><dd><time datetime="${endsAt.toISOString()}">${endsAt.toISOString().slice(0, 16).replace('T', ' ')} UTC</time> at the latest</dd>
</dl>
<form method="post" action="/auth/sign-out">
<input type="hidden" name="${formTokenField}" value="${formToken}">
<button>Sign out</button>
</form>`
}

function wordsOf({ role, legalEntity, region, store }: Grant): string {
  if (store !== undefined) return `${role} of store ${store}`
  if (region !== undefined) return `${role} of region ${region}`
  return legalEntity === undefined ? `${role} of everything` : `${role} of ${legalEntity}`
}
