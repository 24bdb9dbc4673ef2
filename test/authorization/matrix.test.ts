import type { LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { storeFinder } from '../../src/domain/grant.ts'
import type { Authenticate } from '../../src/http/auth/authorize.ts'
import { type Caller, clientCaller, personCaller } from '../../src/http/auth/caller.ts'
import { grantsOfRoles } from '../../src/http/auth/role-grants.ts'
import { roles, type Scope, scopes } from '../../src/http/auth/scopes.ts'
import type { DescribedRoute } from '../../src/http/openapi/openapi.ts'
import { inertDeps } from '../../src/http/openapi/present-openapi.ts'
import { createHttpServer } from '../../src/http/server.ts'

/**
 * Who may call what, written down a second time and by hand: a route that is not here fails, and so does one that lets in
 * anybody else. Empty: everybody. `everywhere`: only who may do it in every store; `somewhere`: also who may do it in some.
 */
const everybody = { scopes: [], where: 'everywhere' } as const
const everywhere = (...needed: Scope[]) => ({ scopes: needed, where: 'everywhere' }) as const
/** It looks at credentials itself, and is a page. */
const itself = { scopes: [], where: 'itself' } as const
/** Whoever has signed in, whatever they may do. */
const signedIn = { scopes: [], where: 'signed-in' } as const
const somewhere = (...needed: Scope[]) => ({ scopes: needed, where: 'somewhere' }) as const
const allowed: Record<
  string,
  { scopes: readonly Scope[]; where: 'everywhere' | 'somewhere' | 'signed-in' | 'itself' }
> = {
  'GET /livez': everybody,
  'GET /readyz': everybody,
  'GET /metrics': everybody,
  'GET /v1/openapi.json': everybody,
  'POST /v1/transactions': somewhere('transactions:write'),
  'POST /v1/transactions/batch': somewhere('transactions:write'),
  'POST /v1/sources/:source': somewhere('transactions:write'),
  'POST /v1/files': somewhere('transactions:write'),
  'GET /v1/files': somewhere('transactions:write', 'admin:read'),
  'GET /v1/files/:id': somewhere('transactions:write', 'admin:read'),
  'POST /v1/files/:id/resume': somewhere('transactions:write'),
  'POST /v1/files/:id/discard': somewhere('transactions:write'),
  // A one-time code, or the approval of a manager, and a key are its credentials; the authorization server and its pages have their own.
  'POST /v1/tills': everybody,
  'POST /v1/tills/invitations': somewhere('identity:write'),
  'GET /v1/tills': somewhere('identity:write'),
  'POST /v1/tills/:id/revoke': somewhere('identity:write'),
  'GET /v1/machines': everywhere('identity:write'),
  'POST /v1/machines/:id/revoke': everywhere('identity:write'),
  'GET /oauth/sign-in/:uid': everybody,
  'POST /oauth/sign-in/:uid': everybody,
  'GET /oauth/choose-password': everybody,
  'POST /oauth/choose-password': everybody,
  'GET /oauth/*': everybody,
  'POST /oauth/*': everybody,
  'GET /.well-known/oauth-authorization-server/oauth': everybody,
  'GET /': everybody,
  'GET /assets/pages.css': everybody,
  'GET /auth/sign-in': itself,
  'GET /auth/callback': itself,
  // A one-time code is its credentials.
  'GET /auth/break-glass': everybody,
  'POST /auth/break-glass': itself,
  // A token that the provider has signed is its credentials.
  'POST /auth/back-channel-logout': everybody,
  'GET /auth/devices': somewhere('identity:write'),
  'POST /auth/devices': somewhere('identity:write'),
  'GET /auth/me': signedIn,
  'POST /auth/sign-out': signedIn,
  'GET /v1/targets': somewhere('admin:read'),
  'POST /v1/targets/:name/pause': everywhere('admin:write'),
  'POST /v1/targets/:name/drain': everywhere('admin:write'),
  'POST /v1/targets/:name/resume': everywhere('admin:write'),
  'GET /v1/targets/:name/parked': somewhere('admin:read'),
  'POST /v1/targets/:name/retry': somewhere('admin:write'),
  'GET /v1/targets/:name/replays': somewhere('admin:read'),
  'POST /v1/targets/:name/replays': somewhere('admin:write'),
  'GET /v1/targets/:name/replays/:id': somewhere('admin:read'),
  'POST /v1/targets/:name/replays/:id/run': somewhere('admin:write'),
  'POST /v1/targets/:name/replays/:id/pause': everywhere('admin:write'),
  'POST /v1/targets/:name/replays/:id/resume': somewhere('admin:write'),
  'POST /v1/targets/:name/replays/:id/abort': somewhere('admin:write'),
  'POST /v1/subjects/erase': everywhere('privacy:write'),
  'POST /v1/subjects/preview-erasure': everywhere('privacy:write'),
  'GET /v1/erasures/:id': everywhere('privacy:write'),
}

/** Whom the table is asked about: what they may do, by hand again, and whether that ends at some stores. */
interface Column {
  caller: Caller
  may: readonly Scope[]
  /** Scopes that hold for some stores only. */
  inSome?: readonly Scope[]
}

const token = (given: readonly string[], stores?: readonly string[]): Caller =>
  clientCaller({ id: 'somebody', actor: 'token:somebody', scopes: given, stores })

const findStores = storeFinder([
  { businessUnitId: '9', region: 'north', legalEntity: 'Shop AG' },
  { businessUnitId: '10', region: 'south', legalEntity: 'Shop AG' },
])
const person = (...grants: { role: string; region?: string; legalEntity?: string; store?: string }[]) =>
  personCaller('person:somebody', grantsOfRoles(grants, findStores))

const may = {
  viewer: ['admin:read'],
  operator: ['admin:read', 'admin:write'],
  integrator: ['admin:read', 'admin:write', 'identity:write'],
  finance: ['admin:read', 'audit:read'],
  admin: ['admin:read', 'admin:write', 'identity:write', 'privacy:write', 'audit:read'],
} as const satisfies Record<keyof typeof roles, readonly Scope[]>

const columnsOfRoles = Object.entries(may).flatMap(([role, list]): [string, Column][] => [
  [`${role} of everything`, { caller: person({ role }), may: list }],
  [`${role} of region north`, { caller: person({ role, region: 'north' }), may: [], inSome: list }],
  [`${role} of legal entity Shop AG`, { caller: person({ role, legalEntity: 'Shop AG' }), may: [], inSome: list }],
  [`${role} of store 9`, { caller: person({ role, store: '9' }), may: [], inSome: list }],
])

/** By the token that the request shows. */
const columns: Record<string, Column> = {
  ...Object.fromEntries(scopes.map((scope) => [`only ${scope}`, { caller: token([scope]), may: [scope] }])),
  ...Object.fromEntries(columnsOfRoles),
  'viewer of everything, operator of region north': {
    caller: person({ role: 'viewer' }, { role: 'operator', region: 'north' }),
    may: ['admin:read'],
    inSome: ['admin:write'],
  },
  'a person without a role': { caller: person(), may: [] },
  'a person with a role that is none': { caller: person({ role: 'root' }), may: [] },
  'a till of store 9': { caller: token(['transactions:write'], ['9']), may: [], inSome: ['transactions:write'] },
  'everything, but for store 9 only': { caller: token(scopes, ['9']), may: [], inSome: scopes },
  'words that are no scope': { caller: token(['*', 'admin', '']), may: [] },
}

const byToken: Authenticate = async ({ headers }) => columns[headers.authorization ?? '']?.caller

async function ask(authenticate: Authenticate) {
  const routes: DescribedRoute[] = []
  const server = createHttpServer({ ...inertDeps, authenticate: [authenticate] }, (route) => routes.push(route))
  const answers: { route: string; who: string; status: number; code: string | undefined }[] = []
  for (const { method, url } of routes) {
    for (const who of [...Object.keys(columns), 'nobody we know', '']) {
      const answer = await server.inject({
        method: method as 'GET' | 'POST',
        url: url.replace(/:\w+/g, 'x'),
        // As from a page of the hub, which forms must come from.
        headers: { 'sec-fetch-site': 'same-origin', ...(who !== '' && { authorization: who }) },
      })
      answers.push({ route: `${method} ${url}`, who, ...outcomeOf(answer) })
    }
  }
  await server.close()
  return answers
}

/** A page tells its code in words, and sends whoever has not signed in to where they may. */
function outcomeOf({ statusCode: status, headers, body }: LightMyRequestResponse) {
  const isSentToSignIn = status === 303 && /^\/auth\/sign-in\?return=/.test(String(headers.location))
  if (isSentToSignIn) return { status: 401, code: 'unauthorized' }
  const code: string | undefined = /problem\+json/.test(String(headers['content-type']))
    ? JSON.parse(body).code
    : /Code: <code>([a-z-]+)<\/code>/.exec(body)?.[1]
  return { status, code }
}

/** Answers other than those that the table above demands. */
function wrongOnes(answers: Awaited<ReturnType<typeof ask>>) {
  return answers.filter(({ route, who, status, code }) => {
    const rule = allowed[route]
    if (!rule) return true
    const isRefused = status === 401 || status === 403
    // It refuses in words of its own, whoever comes.
    if (rule.where === 'itself') return code === 'unauthorized' || code === 'permission-missing'
    const column = columns[who]
    if (rule.scopes.length === 0 && rule.where === 'everywhere') return isRefused
    if (!column) return !(status === 401 && code === 'unauthorized')
    // Of a person who comes without a session here the route itself says so.
    if (rule.where === 'signed-in')
      return code !== (column.caller.kind === 'person' ? 'session-ended' : 'permission-missing')
    const { may, inSome = [] } = column
    const given: readonly Scope[] = rule.where === 'somewhere' ? [...may, ...inSome] : may
    return rule.scopes.some((scope) => given.includes(scope))
      ? isRefused
      : !(status === 403 && code === 'permission-missing')
  })
}

describe('who may call what', () => {
  it('is as the table says, for every route and every kind of caller', async () => {
    const answers = await ask(byToken)
    expect(wrongOnes(answers)).toEqual([])
    expect(new Set(answers.map(({ route }) => route))).toEqual(new Set(Object.keys(allowed)))
    expect(answers.length).toBe(Object.keys(allowed).length * (Object.keys(columns).length + 2))
  })

  it('is not so where everybody is let in as somebody who may do everything, or nobody', async () => {
    const everything = await ask(async () => token(scopes))
    expect(new Set(wrongOnes(everything).map(({ route }) => route)).size).toBe(
      Object.values(allowed).filter(({ scopes: needed, where }) => needed.length > 0 || where === 'signed-in').length,
    )
    expect(wrongOnes(await ask(async () => undefined)).length).toBeGreaterThan(0)
  })

  it('is not so where a region is taken for everything', async () => {
    const widened: Authenticate = async ({ headers }) => {
      const caller = columns[headers.authorization ?? '']?.caller
      return caller && { ...caller, grants: new Map([...caller.grants.keys()].map((scope) => [scope, 'every'])) }
    }
    const wrong = new Set(wrongOnes(await ask(widened)).map(({ route, who }) => `${who}: ${route}`))
    expect(wrong).toContain('operator of region north: POST /v1/targets/:name/pause')
    expect(wrong).toContain('admin of store 9: POST /v1/subjects/erase')
  })

  it('gives the roles of people no receipts to write', () => {
    expect(Object.fromEntries(Object.entries(roles).map(([role, list]) => [role, [...list]]))).toEqual(may)
  })
})
