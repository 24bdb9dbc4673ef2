import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { Provider } from 'oidc-provider'
import type { ProviderPlan } from './provider.ts'

/** A provider as somebody else might run one: a process of its own that knows nothing of the hub but its client. */
const plan = JSON.parse(process.env.PLAN ?? '') as ProviderPlan

const provider = new Provider(plan.issuer, {
  clients: [
    {
      ...{ client_id: plan.clientId, client_secret: plan.clientSecret },
      ...{ redirect_uris: [`${plan.hub}/auth/callback`], post_logout_redirect_uris: [`${plan.hub}/`] },
      ...{ backchannel_logout_uri: `${plan.hub}/auth/back-channel-logout`, backchannel_logout_session_required: true },
    },
  ],
  claims: { openid: ['sub', 'realm_access'], profile: ['name'], email: ['email'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: [plan.clientSecret] },
  interactions: { url: (_context, { uid }) => `/sign-in/${uid}` },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  // By itself it calls no private address, and the hub of a test has one.
  fetch: (url, { dispatcher: _, ...request }: RequestInit & { dispatcher?: unknown } = {}) => fetch(url, request),
  findAccount: async (_context, id) => {
    const person = plan.people[id]
    return (
      person && {
        accountId: id,
        claims: async (use) => ({
          ...{ sub: id, name: person.name, email: `${id}@example.com` },
          ...((use === 'userinfo' || !person.groupsInUserinfoOnly) && { realm_access: { roles: [...person.groups] } }),
        }),
      }
    )
  },
})

function showPage(response: ServerResponse, complaint = ''): void {
  const form = `<!doctype html><html lang="en"><title>Another provider</title><h1>Another provider</h1><p>${complaint}</p>
<form method="post"><label>Name <input name="name"></label> <label>Password <input name="password" type="password"></label>
<button>Sign in</button></form></html>`
  response.writeHead(200, { 'content-type': 'text/html' }).end(plan.asksForPassword ? form : 'Who are you?')
}

async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, session, params } = await provider.interactionDetails(request, response)
  if (prompt.name === 'consent') {
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) })
    grant.addOIDCScope(String(params.scope))
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  }
  if (request.method !== 'POST') return showPage(response)
  const typed = new URLSearchParams(await text(request))
  if (typed.has('cancel'))
    return provider.interactionFinished(request, response, {
      error: 'access_denied',
      error_description: 'echo7f3a does not want to',
    })
  const name = typed.get('name') ?? ''
  if (plan.asksForPassword && plan.people[name]?.password !== typed.get('password'))
    return showPage(response, 'Wrong name or password.')
  await provider.interactionFinished(request, response, { login: { accountId: name } })
}

const answer = provider.callback()
const server = createServer((request, response) => {
  if (!request.url?.startsWith('/sign-in/')) return void answer(request, response)
  interact(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
})
server.listen(Number(new URL(plan.issuer).port), '127.0.0.1', () => process.send?.('listening'))
process.once('disconnect', () => process.exit(0))
