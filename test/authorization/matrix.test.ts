import { describe, expect, it } from 'vitest'
import type { Authenticate } from '../../src/http/auth/authorize.ts'
import { type Caller, senderOf } from '../../src/http/auth/caller.ts'
import { roles, type Scope, scopes } from '../../src/http/auth/scopes.ts'
import type { DescribedRoute } from '../../src/http/openapi/openapi.ts'
import { inertDeps } from '../../src/http/openapi/present-openapi.ts'
import { createHttpServer } from '../../src/http/server.ts'

/**
 * Who may call what, written down a second time and by hand: a route that is not here fails, and so does one that lets in
 * anybody else. Empty: everybody.
 */
const allowed: Record<string, readonly Scope[]> = {
  'GET /livez': [],
  'GET /readyz': [],
  'GET /metrics': [],
  'GET /v1/openapi.json': [],
  'POST /v1/transactions': ['transactions:write'],
  'POST /v1/transactions/batch': ['transactions:write'],
  'POST /v1/sources/:source': ['transactions:write'],
  'POST /v1/files': ['transactions:write'],
  'GET /v1/files': ['transactions:write', 'admin:read'],
  'GET /v1/files/:id': ['transactions:write', 'admin:read'],
  'POST /v1/files/:id/resume': ['transactions:write'],
  'POST /v1/files/:id/discard': ['transactions:write'],
  // A one-time code and a key are its credentials; the authorization server has its own.
  'POST /v1/tills': [],
  'GET /oauth/*': [],
  'POST /oauth/*': [],
  'GET /.well-known/oauth-authorization-server/oauth': [],
  'GET /v1/targets': ['admin:read'],
  'POST /v1/targets/:name/pause': ['admin:write'],
  'POST /v1/targets/:name/drain': ['admin:write'],
  'POST /v1/targets/:name/resume': ['admin:write'],
  'GET /v1/targets/:name/parked': ['admin:read'],
  'POST /v1/targets/:name/retry': ['admin:write'],
  'GET /v1/targets/:name/replays': ['admin:read'],
  'POST /v1/targets/:name/replays': ['admin:write'],
  'GET /v1/targets/:name/replays/:id': ['admin:read'],
  'POST /v1/targets/:name/replays/:id/run': ['admin:write'],
  'POST /v1/targets/:name/replays/:id/pause': ['admin:write'],
  'POST /v1/targets/:name/replays/:id/resume': ['admin:write'],
  'POST /v1/targets/:name/replays/:id/abort': ['admin:write'],
  'POST /v1/subjects/erase': ['privacy:write'],
  'POST /v1/subjects/preview-erasure': ['privacy:write'],
  'GET /v1/erasures/:id': ['privacy:write'],
}

const caller = (given: readonly string[], stores?: readonly string[]): Caller => ({
  ...senderOf('somebody', stores),
  actor: 'token:somebody',
  scopes: new Set(given),
})

/** By the token that the request shows. */
const callers: Record<string, Caller> = {
  ...Object.fromEntries(scopes.map((scope) => [`only ${scope}`, caller([scope])])),
  ...Object.fromEntries(Object.entries(roles).map(([role, given]) => [`role ${role}`, caller(given)])),
  'a till of store 9': caller(['transactions:write'], ['9']),
  'everything, but for store 9 only': caller(scopes, ['9']),
  'words that are no scope': caller(['*', 'admin', '']),
}

const byToken: Authenticate = async ({ headers }) => callers[headers.authorization ?? '']

async function ask(authenticate: Authenticate) {
  const routes: DescribedRoute[] = []
  const server = createHttpServer({ ...inertDeps, authenticate: [authenticate] }, (route) => routes.push(route))
  const answers: { route: string; who: string; status: number; code: string | undefined }[] = []
  for (const { method, url } of routes) {
    for (const who of [...Object.keys(callers), 'nobody we know', '']) {
      const answer = await server.inject({
        method: method as 'GET' | 'POST',
        url: url.replace(/:\w+/g, 'x'),
        headers: who === '' ? {} : { authorization: who },
      })
      const { code } = /problem\+json/.test(String(answer.headers['content-type'])) ? answer.json() : {}
      answers.push({ route: `${method} ${url}`, who, status: answer.statusCode, code })
    }
  }
  await server.close()
  return answers
}

/** Answers other than those that the table above demands. */
function wrongOnes(answers: Awaited<ReturnType<typeof ask>>) {
  return answers.filter(({ route, who, status, code }) => {
    const needed = allowed[route]
    if (!needed) return true
    const isRefused = status === 401 || status === 403
    if (needed.length === 0) return isRefused
    const known = callers[who]
    if (!known) return !(status === 401 && code === 'unauthorized')
    const mayCall = needed.some(
      (scope) => known.scopes.has(scope) && (scope === 'transactions:write' || known.stores === undefined),
    )
    return mayCall ? isRefused : !(status === 403 && code === 'permission-missing')
  })
}

describe('who may call what', () => {
  it('is as the table says, for every route and every kind of caller', async () => {
    const answers = await ask(byToken)
    expect(wrongOnes(answers)).toEqual([])
    expect(new Set(answers.map(({ route }) => route))).toEqual(new Set(Object.keys(allowed)))
    expect(answers.length).toBe(Object.keys(allowed).length * (Object.keys(callers).length + 2))
  })

  it('is not so where everybody is let in as somebody who may do everything, or nobody', async () => {
    const everything = await ask(async () => caller(scopes))
    expect(new Set(wrongOnes(everything).map(({ route }) => route)).size).toBe(
      Object.values(allowed).filter((needed) => needed.length > 0).length,
    )
    expect(wrongOnes(await ask(async () => undefined)).length).toBeGreaterThan(0)
  })
})
