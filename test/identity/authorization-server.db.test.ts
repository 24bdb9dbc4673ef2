import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/contract/clock.ts'
import { createDpopNonces, dpopNonceSecret } from '../../src/http/auth/dpop-nonce.ts'
import { addMachine, type Binding, revokeClient } from '../../src/identity/clients.ts'
import { inviteTill } from '../../src/identity/enrolment.ts'
import { rotateSigningKeys } from '../../src/identity/signing-keys.ts'
import { pruneUsedProofs } from '../../src/identity/used-proofs.ts'
import { TillIdentity } from '../../src/simulator/till/till-identity.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestApi, type TestApi } from './api.ts'
import { assertionOf, now, type OauthClient, post, proofOf, signJwt, tokenForm } from './oauth-client.ts'

const masterKey = randomBytes(32)
let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { clientCertificateHeader: 'client-cert' }, masterKey)
})
afterAll(async () => {
  expect(api.complaints()).toEqual([])
  await api.close()
  await database.drop()
})

const actor = 'cli:ada'
const tokenPath = '/oauth/token'

async function addClient(binding: Binding, stores?: string[]): Promise<OauthClient> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicJwk = publicKey.export({ format: 'jwk' })
  const scopes = ['transactions:write']
  const named = { name: 'erp', jwks: publicJwk, scopes, binding, actor, ...(stores && { stores }) }
  const { clientId } = await addMachine(database.pool, named)
  return { clientId, privateKey, publicJwk, issuer: `${api.address}/oauth` }
}

const nonce = () => createDpopNonces(dpopNonceSecret(api.identityKey), systemClock).current()
const ask = (client: OauthClient, more: object = {}, form: object = {}, headers: object = {}) =>
  post(api.pool, tokenPath, headers, tokenForm(assertionOf(client, more), form))
const sale = (number: number, more: object = {}) => JSON.stringify({ ...makeSale(number), ...more })

describe('the metadata', () => {
  it.each([
    '/oauth/.well-known/openid-configuration',
    '/oauth/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/oauth',
  ])('are at %s, with our address whatever a client says', async (path) => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    const answer = await api.pool.request({ method: 'GET', path, headers })
    expect(await answer.body.json()).toMatchObject({
      issuer: `${api.address}/oauth`,
      token_endpoint: `${api.address}/oauth/token`,
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      device_authorization_endpoint: `${api.address}/oauth/device/auth`,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['ES256'],
    })
  })

  it('have two keys, without private parts', async () => {
    const answer = await api.pool.request({ method: 'GET', path: '/oauth/jwks' })
    const { keys } = (await answer.body.json()) as { keys: Record<string, unknown>[] }
    expect(keys).toHaveLength(2)
    expect(keys.some((key) => 'd' in key)).toBe(false)
  })
})

describe('a proof', () => {
  it('works once, at whichever process it comes again, and only where each remembers for itself once at each', async () => {
    const client = await addClient('dpop')
    const others = await Promise.all(
      (['shared', 'process'] as const).map((proofReplays) =>
        startTestApi(database, { publicUrl: api.address, proofReplays }, masterKey),
      ),
    )
    const token = String(
      (await ask(client, {}, {}, { dpop: proofOf(client, `${api.address}${tokenPath}`, { nonce: nonce() }) })).body
        .access_token,
    )
    const proof = () => proofOf(client, `${api.address}/v1/transactions`, { nonce: nonce() }, token)
    const sendTo = async ({ pool }: TestApi, dpop: string, number: number) => {
      const { status, body } = await post(
        pool,
        '/v1/transactions',
        { authorization: `DPoP ${token}`, dpop },
        sale(number),
      )
      return [status, body.code]
    }
    const [shared, apart] = others
    if (!shared || !apart) throw new RangeError('two were started')
    const refused = [401, 'invalid-dpop-proof']
    const here = proof()
    expect([await sendTo(api, here, 50), await sendTo(api, here, 51), await sendTo(shared, here, 51)]).toEqual([
      [201, undefined],
      refused,
      refused,
    ])
    const there = proof()
    expect([await sendTo(shared, there, 51), await sendTo(api, there, 52)]).toEqual([[201, undefined], refused])
    // At the same time at both, many times: each is taken by one of them.
    const races = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const one = proof()
        const answers = await Promise.all([sendTo(api, one, 60 + index), sendTo(shared, one, 60 + index)])
        return answers.map(([status]) => status).toSorted()
      }),
    )
    expect(new Set(races.map(String))).toEqual(new Set(['201,401']))
    // The control: who asks nobody takes it.
    expect(await sendTo(apart, here, 53)).toEqual([201, undefined])
    for (const other of others) await other.close()
  })

  it('is forgotten long after its nonce, and is taken nowhere while it cannot be noted', async () => {
    const { pool } = database
    const count = async () => Number((await pool.query('select count(*) from identity_used_proofs')).rows[0].count)
    const present = await count()
    expect(present).toBeGreaterThan(0)
    await pool.query(
      `insert into identity_used_proofs select floor(extract(epoch from clock_timestamp()) / 60) - 11, decode(md5(n::text), 'hex')
       from generate_series(1, 3) as n`,
    )
    expect([await pruneUsedProofs(pool, 2), await pruneUsedProofs(pool, 2), await count()]).toEqual([2, 1, present])
    const client = await addClient('dpop')
    const dpop = proofOf(client, `${api.address}${tokenPath}`, { nonce: nonce() })
    const token = String((await ask(client, {}, {}, { dpop })).body.access_token)
    const send = () => {
      const own = proofOf(client, `${api.address}/v1/transactions`, { nonce: nonce() }, token)
      return post(api.pool, '/v1/transactions', { authorization: `DPoP ${token}`, dpop: own }, sale(54))
    }
    await pool.query('alter table identity_used_proofs rename to away')
    const away = await send()
    expect([away.status, away.body.code]).toEqual([503, 'temporary-reduced-capacity'])
    await pool.query('alter table away rename to identity_used_proofs')
    expect((await send()).status).toBe(201)
  })
})

describe('a machine', () => {
  it('gets a token by its key and may do with it what it was given, in its stores', async () => {
    const client = await addClient('bearer', ['9'])
    const { status, body } = await ask(client)
    expect({ status, body }).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 600 } })
    const token = String(body.access_token)
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    expect(decodeJwt(token)).toMatchObject({
      ...{ iss: client.issuer, aud: api.address, sub: client.clientId, client_id: client.clientId },
      ...{ client_kind: 'machine', stores: ['9'], scope: 'transactions:write' },
    })
    const headers = { authorization: `Bearer ${token}` }
    const own = await post(api.pool, '/v1/transactions', headers, sale(1, { businessUnitId: '9' }))
    const foreign = await post(api.pool, '/v1/transactions', headers, sale(1, { businessUnitId: '10' }))
    expect([own.status, foreign.status, foreign.body.code]).toEqual([201, 403, 'scope-store'])
    const admin = await api.pool.request({ method: 'GET', path: '/v1/targets', headers })
    expect([admin.statusCode, await admin.body.json()]).toMatchObject([403, { code: 'permission-missing' }])
  })

  it.each<[string, string, (client: OauthClient) => ReturnType<typeof post>]>([
    [
      'an assertion for another endpoint',
      'invalid_client',
      (client) => ask(client, { aud: `${api.address}/v1/tills` }),
    ],
    ['an assertion for another server', 'invalid_client', (client) => ask(client, { aud: 'https://other.example' })],
    ['an assertion for a year', 'invalid_client', (client) => ask(client, { exp: now() + 31_536_000 })],
    [
      'an assertion of an hour ago',
      'invalid_client',
      (client) => ask(client, { iat: now() - 3_600, exp: now() - 3_540 }),
    ],
    ['no exp', 'invalid_client', (client) => ask(client, { exp: undefined })],
    ['no jti', 'invalid_client', (client) => ask(client, { jti: undefined })],
    ['another iss', 'invalid_client', (client) => ask(client, { iss: randomUUID() })],
    ['a sub of nobody', 'invalid_client', (client) => ask(client, { sub: randomUUID(), iss: randomUUID() })],
    ['a sub that is SQL', 'invalid_client', (client) => ask(client, { sub: "' or '1'='1", iss: "' or '1'='1" })],
    ['another audience of the token', 'invalid_target', (client) => ask(client, {}, { resource: 'https://x.example' })],
    ['a scope that it has not', 'invalid_scope', (client) => ask(client, {}, { scope: 'admin:write' })],
    ['another grant', 'unsupported_grant_type', (client) => ask(client, {}, { grant_type: 'password' })],
    [
      'a key of somebody else',
      'invalid_client',
      ({ clientId, issuer }) => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
        return ask({ clientId, issuer, privateKey, publicJwk: {} })
      },
    ],
    [
      'a secret instead of a key',
      'invalid_client',
      ({ clientId }) =>
        post(api.pool, tokenPath, {}, { grant_type: 'client_credentials', client_id: clientId, client_secret: 'x' }),
    ],
    [
      'alg none',
      'invalid_client',
      ({ clientId, privateKey, issuer }) => {
        const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), exp: now() + 60 }
        return post(api.pool, tokenPath, {}, tokenForm(signJwt(privateKey, { alg: 'none' }, claims)))
      },
    ],
  ])('gets none with %s', async (_what, error, send) => {
    const reply = await send(await addClient('bearer'))
    expect(reply).toMatchObject({ body: { error } })
    expect([400, 401]).toContain(reply.status)
    expect(JSON.stringify(reply.body)).not.toContain('access_token')
  })

  it('gets none with an assertion that was used, nor when it comes twice at the same moment', async () => {
    const client = await addClient('bearer')
    const form = tokenForm(assertionOf(client))
    expect((await post(api.pool, tokenPath, {}, form)).status).toBe(200)
    expect(await post(api.pool, tokenPath, {}, form)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    const other = tokenForm(assertionOf(client))
    const replies = await Promise.all(Array.from({ length: 8 }, () => post(api.pool, tokenPath, {}, other)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('with a certificate gets a token that is good with this certificate only, and none without', async () => {
    const client = await addClient('mtls')
    expect((await ask(client)).status).toBe(400)
    const headers = { 'client-cert': encodeURIComponent(certificates.one) }
    const { body, status } = await ask(client, {}, {}, headers)
    expect(status).toBe(200)
    const authorization = `Bearer ${body.access_token}`
    const send = (more: object) => post(api.pool, '/v1/transactions', { authorization, ...more }, sale(2))
    expect((await send(headers)).status).toBe(201)
    const rfc9440 = `:${certificates.one.replace(/-----[A-Z ]+-----|\s/g, '')}:`
    expect((await send({ 'client-cert': rfc9440 })).status).toBe(200)
    for (const wrong of [{}, { 'client-cert': encodeURIComponent(certificates.two) }, { 'client-cert': 'x' }])
      expect(await send(wrong)).toMatchObject({ status: 401, body: { code: 'invalid-token' } })
  })

  it('that is bound to a key gets none without a proof, and the server says which nonce it wants', async () => {
    const client = await addClient('dpop')
    expect(await ask(client)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const url = `${api.address}${tokenPath}`
    const first = await ask(client, {}, {}, { dpop: proofOf(client, url) })
    expect(first).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } })
    expect(first.headers['dpop-nonce']).toBe(nonce())
    const proof = proofOf(client, url, { nonce: nonce() })
    const reply = await ask(client, {}, {}, { dpop: proof })
    expect(reply).toMatchObject({ status: 200, body: { token_type: 'DPoP' } })
    expect((await ask(client, {}, {}, { dpop: proof })).status).toBe(400)
    const token = String(reply.body.access_token)
    const dpop = proofOf(client, `${api.address}/v1/transactions`, { nonce: nonce() }, token)
    const sent = await post(api.pool, '/v1/transactions', { authorization: `DPoP ${token}`, dpop }, sale(3))
    expect(sent.status).toBe(201)
  })

  it('that was revoked gets none, and what it has is refused', async () => {
    const client = await addClient('bearer')
    const { body } = await ask(client)
    const headers = { authorization: `Bearer ${body.access_token}` }
    expect((await post(api.pool, '/v1/transactions', headers, sale(4))).status).toBe(201)
    await revokeClient(database.pool, client.clientId, { actor })
    await systemClock.sleep(500)
    expect((await post(api.pool, '/v1/transactions', headers, sale(5))).body.code).toBe('invalid-token')
    expect(await ask(client)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })
})

describe('a till', () => {
  const enrol = async (store: string, till: string, clockOffsetMs = 0) => {
    const { code } = await inviteTill(database.pool, api.identityKey, { store, till, actor })
    const clock = { ...systemClock, now: () => Date.now() + clockOffsetMs }
    const place = { publicUrl: api.address, businessUnitId: store, workstationId: till, code }
    return TillIdentity.enrol(place, { pool: api.pool, clock })
  }
  const sell = async (till: TillIdentity, number: number, more: object) => {
    for (;;) {
      const headers = await till.headersFor('POST', '/v1/transactions')
      const reply = await post(api.pool, '/v1/transactions', headers, sale(number, more))
      if (!till.learn(reply.status, reply.headers)) return reply
    }
  }

  it.each([0, 3_600_000, -3_600_000, -315_360_000_000])(
    'enrols and sells with a clock that is %d ms wrong',
    async (offsetMs) => {
      const workstationId = `t${Math.abs(offsetMs)}${offsetMs < 0 ? 'b' : 'a'}`
      const till = await enrol('9', workstationId, offsetMs)
      expect((await sell(till, 1, { businessUnitId: '9', workstationId })).status).toBe(201)
    },
  )

  it('speaks for itself only: not for another till, not for another store, and sends no files', async () => {
    const till = await enrol('9', 'own')
    const other = await sell(till, 1, { businessUnitId: '9', workstationId: 'other' })
    const foreign = await sell(till, 1, { businessUnitId: '10', workstationId: 'own' })
    expect([other.body.code, foreign.body.code]).toEqual(['scope-store', 'scope-store'])
    const headers = await till.headersFor('POST', '/v1/files')
    const file = await api.pool.request({
      ...{ method: 'POST', path: '/v1/files?source=tillflow', body: '{}\n' },
      headers: { ...headers, 'content-type': 'application/octet-stream' },
    })
    expect([file.statusCode, await file.body.json()]).toMatchObject([403, { code: 'scope-store' }])
  })

  it('is refused with a wrong code, and with a proof of another address', async () => {
    const place = { publicUrl: api.address, businessUnitId: '9', workstationId: 'new', code: 'AAAA-AAAA' }
    await expect(TillIdentity.enrol(place, { pool: api.pool })).rejects.toMatchObject({
      code: 'enrolment-code-invalid',
    })
    const elsewhere = TillIdentity.enrol({ ...place, publicUrl: 'https://other.example' }, { pool: api.pool })
    await expect(elsewhere).rejects.toMatchObject({ code: 'invalid-dpop-proof' })
  })

  it('goes on with its token when the keys are rotated, and needs a new one when they were compromised', async () => {
    const till = await enrol('9', 'rotated')
    const place = { businessUnitId: '9', workstationId: 'rotated' }
    expect((await sell(till, 1, place)).status).toBe(201)
    const before = (await till.headersFor('POST', '/x')).authorization
    const rotate = (isCompromised: boolean) =>
      rotateSigningKeys(database.pool, api.identityKey, { actor, publishedMs: 0, isCompromised })
    await rotate(false)
    await systemClock.sleep(500)
    expect((await sell(till, 2, place)).status).toBe(201)
    expect((await till.headersFor('POST', '/x')).authorization).toBe(before)
    const fresh = await enrol('9', 'fresh')
    expect((await sell(fresh, 1, { businessUnitId: '9', workstationId: 'fresh' })).status).toBe(201)
    await rotate(true)
    await systemClock.sleep(500)
    expect((await sell(till, 3, place)).status).toBe(201)
    expect((await till.headersFor('POST', '/x')).authorization).not.toBe(before)
  })
})

const certificates = {
  one: `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUTxSrrMwKOUcKGCpy1l0lFHCckaowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbWFjaGluZS0xMCAXDTI2MTEyNTIxMjAzMFoYDzIxMjYxMTAx
MjEyMDMwWjAUMRIwEAYDVQQDDAltYWNoaW5lLTEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATaj+KqD47/mNgrZsFRO+rVW7mz8irc+6bqciRLLINEWdQHEkrRKbdF
N/kj1hotxRoIQpnHzedVfAHWK8fIQleho1MwUTAdBgNVHQ4EFgQUyf+Myi4WXqiJ
WhJ7cVKLCQU1lFAwHwYDVR0jBBgwFoAUyf+Myi4WXqiJWhJ7cVKLCQU1lFAwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiB3CebooMCkUL7B+RlBhgsT
+EGx3SHtA9ONJInSXnIcxwIgQXOEOM4BQ7M7uTUvdv1642OovsxbrXQJPodvJBwQ
GQg=
-----END CERTIFICATE-----
`,
  two: `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUS+IrMb+5tJouO9nravNBy65mD4gwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbWFjaGluZS0yMCAXDTI2MTEyNTIxMjAzMFoYDzIxMjYxMTAx
MjEyMDMwWjAUMRIwEAYDVQQDDAltYWNoaW5lLTIwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARgrYOcxVHJCep5RA3T4nFi/EQkYEOrouX+Eq1wzSoI68lVZUa4tsqw
Ecsg3K6ggWnn7vy3RK0n7/fwDrFMBDJio1MwUTAdBgNVHQ4EFgQURps81ndNFXY3
MuE2jBIADj5MbQUwHwYDVR0jBBgwFoAURps81ndNFXY3MuE2jBIADj5MbQUwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBEYSpCyqaStnWEfcbUHRJg
HE8WaOc0l510z5Il/DHzOQIhAMVw5yshXnfpxy99MdId0d7oGs+TBqRZN5UOg/uw
NJJ3
-----END CERTIFICATE-----
`,
}
