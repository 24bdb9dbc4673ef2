import {
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { CompactEncrypt, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HttpAnswer } from '../../contract/connector.ts'
import { isProblem, Problem } from '../../contract/problem.ts'
import type { KnownIdentity } from '../../identity/known-identity.ts'
import { type PublicJwk, thumbprintOf } from '../../identity/public-key.ts'
import type { Operation } from '../openapi/operation.ts'
import { sendProblem } from '../problem-answer.ts'
import { accessTokens } from './access-tokens.ts'
import { authorizeRequests, callerOf } from './authorize.ts'
import { createDpopNonces } from './dpop-nonce.ts'
import { createDpopProofs } from './dpop-proof.ts'
import { remoteKeys } from './remote-keys.ts'
import { externalIssuer, ownIssuer } from './token-issuers.ts'

const publicUrl = 'https://hub.example'
const issuer = `${publicUrl}/oauth`
const theirs = 'https://login.example/realms/shop'

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' }) as PublicJwk
  return { privateKey, publicKey, jwk, kid: thumbprintOf(jwk) }
}
type Pair = ReturnType<typeof pair>
const [signing, till, stranger, external] = [pair(), pair(), pair(), pair()]
const startMs = Date.parse('2026-03-02T12:00:00Z')

let nowMs = startMs
const clock = { now: () => nowMs, sleep: async () => {} }
const revoked = new Set<string>()
let isCurrent = true
const known: KnownIdentity = {
  keys: () => [{ kid: signing.kid, publicJwk: signing.jwk, publicKey: signing.publicKey, privateJwk: () => ({}) }],
  signingKey: () => undefined,
  isRevoked: (clientId) => revoked.has(clientId),
  isCurrent: () => isCurrent,
  stop: async () => {},
}
let jwksFetches: string[] = []
let jwksAnswer: () => HttpAnswer = () => answer({ keys: [{ ...external.jwk, kid: external.kid, alg: 'ES256' }] })
const answer = (body: object): HttpAnswer => ({ status: 200, headers: {}, body: JSON.stringify(body) })
const fetch = async (url: string) => {
  jwksFetches.push(url)
  return jwksAnswer()
}
const nonces = createDpopNonces(createSecretKey(randomBytes(32)), clock)

function startServer(): FastifyInstance {
  const app = Fastify({ http: { maxHeaderSize: 16_384 } })
  const trusted = {
    ...{ name: 'shop', issuer: theirs, audience: publicUrl, typ: 'at+jwt' as const, scopesClaim: 'scope' },
    ...{ storesClaim: 'stores', allowPrivateNetwork: false },
  }
  const keys = remoteKeys({ issuer: theirs, jwksUri: `${theirs}/keys`, fetch, clock })
  const issuers = [ownIssuer({ issuer, audience: publicUrl, known }), externalIssuer(trusted, keys)]
  const proofs = createDpopProofs(nonces)
  const certificateHeader = 'client-cert'
  authorizeRequests(app, [
    accessTokens({ issuers: () => issuers, proofs, publicUrl: () => publicUrl, certificateHeader, clock }),
  ])
  app.setErrorHandler((error, _request, reply) =>
    sendProblem(reply, isProblem(error) ? error : new Problem('internal-error')),
  )
  const operation: Operation = {
    ...{ id: 'send', summary: '', tag: '', access: ['transactions:write'], answers: {}, problems: [] },
    acts: 'per-store',
  }
  app.post('/v1/transactions', { config: { operation } }, async (request) => {
    const { actor, stores, workstationId } = callerOf(request)
    return { actor, stores, workstationId }
  })
  return app
}

let server: FastifyInstance
beforeAll(() => {
  server = startServer()
})
afterAll(() => server.close())

const clientId = randomUUID()
const seconds = (offset = 0) => Math.floor(nowMs / 1_000) + offset

const claims = (more: Record<string, unknown> = {}) => ({
  ...{ iss: issuer, aud: publicUrl, sub: clientId, client_id: clientId, client_kind: 'machine', jti: randomUUID() },
  ...{ iat: seconds(), exp: seconds(600), scope: 'transactions:write' },
  ...more,
})
const tillClaims = () => claims({ client_kind: 'till', stores: ['9'], workstation_id: '1', cnf: { jkt: till.kid } })

function signed(payload: object, header: object = {}, key: KeyObject = signing.privateKey): Promise<string> {
  const protectedHeader = { alg: 'ES256', typ: 'at+jwt', kid: signing.kid, ...header } as JWTHeaderParameters
  return new SignJWT(withoutUndefined(payload)).setProtectedHeader(protectedHeader).sign(key)
}

function withoutUndefined(payload: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
}

/** A JWS of any header: what no library would make. */
function handmade(header: object, payload: object, key: KeyObject = signing.privateKey): string {
  const text = [header, payload].map((one) => Buffer.from(JSON.stringify(one)).toString('base64url')).join('.')
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const send = (headers: Record<string, string>) =>
  server.inject({ method: 'POST', url: '/v1/transactions?x=1', headers, payload: '' })
const bearer = async (token: string | Promise<string>) => send({ authorization: `Bearer ${await token}` })

async function expectRefused(reply: Awaited<ReturnType<typeof send>>, code: string, status = 401) {
  expect({ status: reply.statusCode, code: reply.json().code }).toEqual({ status, code })
  expect(String(reply.headers['www-authenticate'])).toContain(code.replaceAll('-', '_'))
  expect(reply.body).not.toContain('stack')
}

describe('an access token', () => {
  it('lets in where nothing is wrong with it: a machine by Bearer, an issuer of the settings by its own', async () => {
    expect((await bearer(signed(claims()))).json()).toEqual({ actor: `machine:${clientId}` })
    const other = claims({ iss: theirs, sub: 'agent 7', client_kind: undefined, stores: '9 10' })
    const reply = await bearer(signed(other, { kid: external.kid }, external.privateKey))
    expect(reply.json()).toEqual({ actor: 'issuer:shop:agent_7', stores: ['9', '10'] })
  })

  it.each<[string, () => string | Promise<string>]>([
    ['alg none', () => new UnsecuredJWT(claims()).encode()],
    ['alg None', () => handmade({ alg: 'None', typ: 'at+jwt', kid: signing.kid }, claims())],
    [
      'HS256 with the public key as secret',
      () => {
        const secret = createSecretKey(Buffer.from(signing.publicKey.export({ format: 'pem', type: 'spki' })))
        return signed(claims(), { alg: 'HS256' }, secret)
      },
    ],
    ['another key under our kid', () => signed(claims(), {}, stranger.privateKey)],
    ['an issuer that nobody trusts', () => signed(claims({ iss: 'https://evil.example' }))],
    ['our key for the name of another issuer', () => signed(claims({ iss: theirs }))],
    ['no issuer', () => signed(claims({ iss: undefined }))],
    ['another audience', () => signed(claims({ aud: 'https://other.example' }))],
    ['no audience', () => signed(claims({ aud: undefined }))],
    ['typ JWT, as an id token has', () => signed(claims(), { typ: 'JWT' })],
    ['no typ', () => signed(claims(), { typ: undefined })],
    ['no exp', () => signed(claims({ exp: undefined }))],
    ['an exp of a minute ago', () => signed(claims({ exp: seconds(-60) }))],
    ['an exp that is a text', () => handmade(ourHeader(), claims({ exp: String(seconds(600)) }))],
    ['an nbf ahead', () => signed(claims({ nbf: seconds(60) }))],
    ['no kid', () => signed(claims(), { kid: undefined })],
    ['a kid that is a path', () => signed(claims(), { kid: '../../dev/null' })],
    ['a kid that is SQL', () => signed(claims(), { kid: "' or '1'='1" })],
    ['a kid that is a number', () => handmade({ ...ourHeader(), kid: 7 }, claims())],
    ['jku', () => handmade({ ...ourHeader(), jku: 'https://evil.example/keys' }, claims())],
    ['x5u', () => handmade({ ...ourHeader(), x5u: 'https://evil.example/cert' }, claims())],
    ['jwk of its own', () => handmade({ ...ourHeader(), jwk: stranger.jwk }, claims(), stranger.privateKey)],
    ['crit', () => handmade({ ...ourHeader(), crit: ['exp'], exp: 1 }, claims())],
    ['b64 false', () => handmade({ ...ourHeader(), b64: false, crit: ['b64'] }, claims())],
    ['a binding that is unknown', () => signed(claims({ cnf: { kid: 'x' } }))],
    ['a binding that is empty', () => signed(claims({ cnf: {} }))],
    ['a kind that is none', () => signed(claims({ client_kind: 'person' }))],
    ['stores that are a number', () => signed(claims({ stores: 9 }))],
    ['a till without a store', () => signed({ ...tillClaims(), stores: undefined, cnf: undefined })],
    ['a payload that is no JSON', () => handmade(ourHeader(), 'x' as never)],
    ['one part', () => 'abc'],
    ['ten thousand parts', () => 'a.'.repeat(4_000)],
    ['JWE', () => encrypted()],
  ])('is refused with %s', async (_what, make) => {
    jwksFetches = []
    await expectRefused(await bearer(make()), 'invalid-token')
    expect(jwksFetches.filter((url) => url.includes('evil'))).toEqual([])
  })

  it('is refused when it is a mebibyte long, before anybody looks at it', async () => {
    await expectRefused(await bearer(`${await signed(claims())}${'A'.repeat(1_048_576)}`), 'invalid-token')
  })

  it('is refused once it has ended, its client was revoked or its key was withdrawn, though it was good before', async () => {
    const token = await signed(claims())
    expect((await bearer(token)).statusCode).toBe(200)
    revoked.add(clientId)
    await expectRefused(await bearer(token), 'invalid-token')
    revoked.clear()
    expect((await bearer(token)).statusCode).toBe(200)
    nowMs += 606_000
    await expectRefused(await bearer(token), 'invalid-token')
    nowMs = startMs
    isCurrent = false
    const reply = await bearer(token)
    expect([reply.statusCode, reply.json().code]).toEqual([503, 'temporary-reduced-capacity'])
    isCurrent = true
  })

  it('has one fetch of keys in 30 seconds, whatever ids a thousand of them name', async () => {
    nowMs += 31_000
    jwksFetches = []
    for (let turn = 0; turn < 1_000; turn += 1) {
      const token = handmade({ ...ourHeader(), kid: `unknown-${turn}` }, claims({ iss: theirs }), stranger.privateKey)
      expect((await bearer(token)).statusCode).toBe(401)
    }
    expect(jwksFetches).toHaveLength(1)
    nowMs += 31_000
    await bearer(handmade({ ...ourHeader(), kid: 'unknown' }, claims({ iss: theirs })))
    expect(jwksFetches).toHaveLength(2)
    nowMs = startMs
  })

  it('of an issuer whose keys cannot be had is answered with a wait, and asks once', async () => {
    const [other, before] = [startServer(), jwksAnswer]
    jwksAnswer = () => {
      throw new Error('away')
    }
    jwksFetches = []
    const token = await signed(claims({ iss: theirs }), { kid: external.kid }, external.privateKey)
    for (let turn = 0; turn < 3; turn += 1) {
      const reply = await other.inject({
        ...{ method: 'POST', url: '/v1/transactions', headers: { authorization: `Bearer ${token}` } },
      })
      expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, expect.any(String)])
    }
    expect(jwksFetches).toHaveLength(1)
    jwksAnswer = before
    await other.close()
  })
})

const ourHeader = () => ({ alg: 'ES256', typ: 'at+jwt', kid: signing.kid })

async function encrypted(): Promise<string> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  return new CompactEncrypt(Buffer.from(JSON.stringify(claims())))
    .setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A128GCM', typ: 'at+jwt', kid: signing.kid })
    .encrypt(createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })))
}

interface ProofParts {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  by?: Pair
}

async function ath(token: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token))).toString('base64url')
}

async function proofFor(
  token: string,
  { header = {}, claims: more = {}, by = till }: ProofParts = {},
): Promise<string> {
  const payload = {
    ...{ jti: randomUUID(), htm: 'POST', htu: `${publicUrl}/v1/transactions`, iat: seconds() },
    ...{ ath: await ath(token), nonce: nonces.current() },
    ...more,
  }
  const { kty, crv, x, y } = by.jwk
  return handmade(
    { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y }, ...header },
    withoutUndefined(payload),
    by.privateKey,
  )
}

const withProof = async (token: string, proof: string | Promise<string> | undefined) =>
  send({ authorization: `DPoP ${token}`, ...(proof !== undefined && { dpop: await proof }) })

describe('a token that is bound to a key', () => {
  it('lets a till in with a proof made for this request, whatever its clock says', async () => {
    const token = await signed(tillClaims())
    for (const iat of [seconds(), seconds(3_600), seconds(-315_360_000)]) {
      const reply = await withProof(token, proofFor(token, { claims: { iat } }))
      expect(reply.json()).toEqual({ actor: `till:${clientId}`, stores: ['9'], workstationId: '1' })
    }
    const other = proofFor(token, { claims: { htu: 'HTTPS://hub.example:443/v1/transactions?store=9#x' } })
    expect((await withProof(token, other)).statusCode).toBe(200)
  })

  it.each<[string, string, (token: string) => string | Promise<string> | undefined]>([
    ['no proof', 'invalid-dpop-proof', () => undefined],
    ['an empty proof', 'invalid-dpop-proof', () => ''],
    ['two proofs', 'invalid-dpop-proof', async (token) => `${await proofFor(token)}, ${await proofFor(token)}`],
    ['another key', 'invalid-dpop-proof', (token) => proofFor(token, { by: stranger })],
    [
      'the right key in the header, signed by another',
      'invalid-dpop-proof',
      (token) => proofFor(token, { by: { ...stranger, jwk: till.jwk } }),
    ],
    ['another method', 'invalid-dpop-proof', (token) => proofFor(token, { claims: { htm: 'GET' } })],
    ['no method', 'invalid-dpop-proof', (token) => proofFor(token, { claims: { htm: undefined } })],
    ['another path', 'invalid-dpop-proof', (token) => proofFor(token, { claims: { htu: `${publicUrl}/v1/files` } })],
    [
      'another host',
      'invalid-dpop-proof',
      (token) => proofFor(token, { claims: { htu: 'https://evil.example/v1/transactions' } }),
    ],
    ['no address', 'invalid-dpop-proof', (token) => proofFor(token, { claims: { htu: undefined } })],
    ['no jti', 'invalid-dpop-proof', (token) => proofFor(token, { claims: { jti: undefined } })],
    ['a long jti', 'invalid-dpop-proof', (token) => proofFor(token, { claims: { jti: 'x'.repeat(257) } })],
    ['no iat', 'invalid-dpop-proof', (token) => proofFor(token, { claims: { iat: undefined } })],
    ['no ath', 'invalid-dpop-proof', (token) => proofFor(token, { claims: { ath: undefined } })],
    [
      'the ath of another token',
      'invalid-dpop-proof',
      async (token) => proofFor(token, { claims: { ath: await ath('x') } }),
    ],
    ['typ JWT', 'invalid-dpop-proof', (token) => proofFor(token, { header: { typ: 'JWT' } })],
    ['alg none', 'invalid-dpop-proof', (token) => proofFor(token, { header: { alg: 'none' } })],
    ['crit', 'invalid-dpop-proof', (token) => proofFor(token, { header: { crit: ['x'] } })],
    ['no jwk', 'invalid-dpop-proof', (token) => proofFor(token, { header: { jwk: undefined } })],
    [
      'the private key in it',
      'invalid-dpop-proof',
      (token) => proofFor(token, { header: { jwk: till.privateKey.export({ format: 'jwk' }) } }),
    ],
    ['no nonce, and a time of now', 'use-dpop-nonce', (token) => proofFor(token, { claims: { nonce: undefined } })],
    [
      'no nonce, and an old time',
      'use-dpop-nonce',
      (token) => proofFor(token, { claims: { nonce: undefined, iat: seconds(-3_600) } }),
    ],
    ['a nonce of nobody', 'use-dpop-nonce', (token) => proofFor(token, { claims: { nonce: 'x'.repeat(43) } })],
    ['a nonce of ten minutes ago', 'use-dpop-nonce', (token) => proofFor(token, { claims: { nonce: staleNonce() } })],
  ])('is refused with %s', async (_what, code, make) => {
    const token = await signed(tillClaims())
    const reply = await withProof(token, make(token))
    await expectRefused(reply, code)
    expect(reply.headers['dpop-nonce']).toBe(nonces.current())
  })

  it('is refused with a proof that was here before', async () => {
    const token = await signed(tillClaims())
    const proof = await proofFor(token)
    expect((await withProof(token, proof)).statusCode).toBe(200)
    await expectRefused(await withProof(token, proof), 'invalid-dpop-proof')
    const sameId = { jti: 'one', iat: seconds() }
    expect((await withProof(token, proofFor(token, { claims: sameId }))).statusCode).toBe(200)
    await expectRefused(
      await withProof(token, proofFor(token, { claims: { ...sameId, iat: 1 } })),
      'invalid-dpop-proof',
    )
  })

  it('gives the next nonce before the old one ends', async () => {
    const token = await signed(tillClaims())
    const nonce = nonces.current()
    nowMs += 60_000
    const reply = await withProof(token, proofFor(token, { claims: { nonce } }))
    expect([reply.statusCode, reply.headers['dpop-nonce']]).toEqual([200, nonces.current()])
    expect(nonces.current()).not.toBe(nonce)
    nowMs = startMs
  })

  it('is refused as Bearer, and one that is not bound as DPoP', async () => {
    const token = await signed(tillClaims())
    await expectRefused(await send({ authorization: `Bearer ${token}`, dpop: await proofFor(token) }), 'invalid-token')
    await expectRefused(await bearer(token), 'invalid-token')
    const free = await signed(claims())
    await expectRefused(await withProof(free, proofFor(free)), 'invalid-token')
  })
})

function staleNonce(): string {
  nowMs -= 600_000
  const nonce = nonces.current()
  nowMs += 600_000
  return nonce
}
