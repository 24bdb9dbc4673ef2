import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readActs } from '../../src/audit/acts.ts'
import { storeFinder } from '../../src/domain/grant.ts'
import { personCaller } from '../../src/http/auth/caller.ts'
import { grantsOfRoles } from '../../src/http/auth/role-grants.ts'
import { createToken } from '../../src/http/auth/token-store.ts'
import type { IdentityDeps } from '../../src/http/deps.ts'
import { inertDeps } from '../../src/http/openapi/present-openapi.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { addMachine } from '../../src/identity/clients.ts'
import { enrolTill, inviteTill } from '../../src/identity/enrolment.ts'
import type { PublicJwk } from '../../src/identity/public-key.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestApi, type TestApi } from './api.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
let authorization: string
let actor: string

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database)
  const { token, tokenId } = await createToken(database.pool, { name: 'fitter', scopes: ['identity:write'] })
  authorization = `Bearer ${token}`
  actor = `token:${tokenId}`
})
afterAll(async () => {
  expect(api.complaints()).toEqual([])
  await api.close()
  await database.drop()
})

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) as PublicJwk

async function call(method: 'GET' | 'POST', url: string, body?: object) {
  const options: InjectOptions = { method, url, headers: { authorization } }
  if (body) Object.assign(options, { payload: body, headers: { authorization, 'content-type': 'application/json' } })
  const answer = await api.server.inject(options)
  return { status: answer.statusCode, body: answer.json() }
}

async function enrol(store: string, till: string) {
  const { code } = await inviteTill(database.pool, api.identityKey, { store, till, actor: 'cli:ada' })
  return enrolTill(database.pool, api.identityKey, { store, till, code, publicKey: newKey() })
}

describe('tills over HTTP', () => {
  it('are invited, and enrol with the code', async () => {
    const place = { businessUnitId: '9', workstationId: '1' }
    const { status, body } = await call('POST', '/v1/tills/invitations', place)
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { ...place, code: expect.stringMatching(/^\w{4}-\w{4}$/) },
    })
    const publicKey = newKey()
    const till = await enrolTill(database.pool, api.identityKey, { store: '9', till: '1', code: body.code, publicKey })
    expect(till.workstationId).toBe('1')
    expect(await readActs(database.pool, 'till:9/1')).toMatchObject([{ act: 'till.invite', actor }])
  })

  it('are listed page by page, newest first, also of one store', async () => {
    const enrolled = [await enrol('10', '1'), await enrol('10', '2'), await enrol('10', '3')]
    const ids = enrolled.map(({ clientId }) => clientId).toReversed()
    const first = await call('GET', '/v1/tills?store=10&limit=2')
    expect(first.body.tills.map(({ clientId }: { clientId: string }) => clientId)).toEqual(ids.slice(0, 2))
    expect(first.body.next).toBe(ids[1])
    const second = await call('GET', `/v1/tills?store=10&limit=2&before=${first.body.next}`)
    expect(second.body.tills).toMatchObject([
      {
        clientId: ids[2],
        businessUnitId: '10',
        workstationId: '1',
        keyThumbprint: expect.stringMatching(/^[\w-]{43}$/),
      },
    ])
    expect(second.body).not.toHaveProperty('next')
    expect((await call('GET', '/v1/tills')).body.tills.length).toBeGreaterThan(3)
  })

  it('are revoked with a reason, once', async () => {
    const { clientId } = await enrol('11', '1')
    const revoked = await call('POST', `/v1/tills/${clientId}/revoke`, { reason: 'stolen' })
    expect(revoked).toMatchObject({ status: 200, body: { clientId, revokedAt: expect.any(String) } })
    const again = await call('POST', `/v1/tills/${clientId}/revoke`, {})
    expect(again).toMatchObject({ status: 404, body: { code: 'not-found' } })
    expect((await call('GET', '/v1/tills?store=11')).body.tills).toMatchObject([{ revokedAt: expect.any(String) }])
    const acts = await readActs(database.pool, `till:${clientId}`)
    expect(acts.at(-1)).toMatchObject({ act: 'till.revoke', actor, reason: 'stolen' })
  })

  it.each<[string, 'GET' | 'POST', string, object | undefined, number, string]>([
    [
      'a store that is none',
      'POST',
      '/v1/tills/invitations',
      { businessUnitId: 'a b', workstationId: '1' },
      422,
      'request-invalid',
    ],
    [
      'a till too many',
      'POST',
      '/v1/tills/invitations',
      { businessUnitId: '9', workstationId: '1', all: true },
      422,
      'request-invalid',
    ],
    ['a page of no form', 'GET', '/v1/tills?before=x', undefined, 400, 'invalid-page'],
    ['a store of no form', 'GET', '/v1/tills?store=echo%207f3a', undefined, 422, 'request-invalid'],
    ['an id of nothing', 'POST', `/v1/tills/${randomUUID()}/revoke`, {}, 404, 'not-found'],
    ['an id that is SQL', 'POST', "/v1/tills/x'or'1/revoke", {}, 400, 'request-malformed'],
    ['a reason that is none', 'POST', `/v1/tills/${randomUUID()}/revoke`, { reason: 7 }, 422, 'request-invalid'],
    ['another method', 'GET', `/v1/tills/${randomUUID()}/revoke`, undefined, 405, 'method-not-allowed'],
  ])('refuse %s', async (_what, method, url, body, status, code) => {
    expect(await call(method, url, body)).toMatchObject({ status, body: { code } })
  })
})

describe('somebody who looks after a region', () => {
  const findStores = storeFinder([{ businessUnitId: '20', region: 'north' }])
  const integrator = personCaller('person:ann', grantsOfRoles([{ role: 'integrator', region: 'north' }], findStores))

  it('invites, sees and revokes the tills of their own stores; others are not there for them', async () => {
    if (!inertDeps.identity) throw new Error('the API document lacks tills')
    const own = property({ db: database.pool, identityKey: api.identityKey })
    const identity: IdentityDeps = Object.create(inertDeps.identity, own)
    const server = createHttpServer({ ...inertDeps, identity, authenticate: [async () => integrator] })
    const ask = async (method: 'GET' | 'POST', url: string, payload?: object) => {
      const headers = payload && { 'content-type': 'application/json' }
      const answer = await server.inject({ method, url, ...(payload && { payload }), ...(headers && { headers }) })
      const { traceId: _traceId, ...body } = answer.json()
      return { status: answer.statusCode, body }
    }
    const [mine, foreign] = [await enrol('20', '1'), await enrol('21', '1')]
    const { body } = await ask('GET', '/v1/tills')
    expect(body.tills.map(({ businessUnitId }: { businessUnitId: string }) => businessUnitId)).toEqual(['20'])
    const unknown = { status: 404, body: { code: 'unknown-store' } }
    expect(await ask('GET', '/v1/tills?store=21')).toMatchObject(unknown)
    const invitation = (businessUnitId: string) => ({ businessUnitId, workstationId: '2' })
    expect(await ask('POST', '/v1/tills/invitations', invitation('21'))).toMatchObject(unknown)
    expect((await ask('POST', '/v1/tills/invitations', invitation('20'))).status).toBe(201)
    const refused = await ask('POST', `/v1/tills/${foreign.clientId}/revoke`, {})
    expect(refused).toEqual(await ask('POST', `/v1/tills/${randomUUID()}/revoke`, {}))
    expect((await ask('POST', `/v1/tills/${mine.clientId}/revoke`, {})).status).toBe(200)
    expect((await ask('GET', '/v1/machines')).body.code).toBe('permission-missing')
    await server.close()
  })
})

const property = (one: object) => Object.getOwnPropertyDescriptors(one)

describe('machines over HTTP', () => {
  it('are listed, and revoked as machines, not as tills', async () => {
    const machine = { name: 'erp', jwks: newKey(), scopes: ['admin:read'], binding: 'dpop' as const, actor: 'cli:ada' }
    const { clientId } = await addMachine(database.pool, machine)
    const list = await call('GET', '/v1/machines')
    expect(list.body.machines).toMatchObject([{ clientId, name: 'erp', scopes: ['admin:read'], binding: 'dpop' }])
    expect((await call('POST', `/v1/tills/${clientId}/revoke`, {})).status).toBe(404)
    expect((await call('POST', `/v1/machines/${clientId}/revoke`, { reason: 'replaced' })).status).toBe(200)
    expect((await call('GET', '/v1/machines')).body.machines).toMatchObject([{ revokedAt: expect.any(String) }])
  })
})
