import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestApi, type TestApi } from '../identity/api.ts'
import { CookieClient } from './cookie-client.ts'
import { type ForgingProvider, keyId, startForgingProvider } from './forging-provider.ts'

const clientId = 'tillflow'
// Without what is escaped in a header (RFC 6749, 2.3.1).
const clientSecret = randomBytes(24).toString('hex')
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
let database: Awaited<ReturnType<typeof createTestDatabase>>
let provider: ForgingProvider
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  provider = await startForgingProvider()
  api = await startTestApi(database, {
    ...{
      signIn: 'external',
      signInIssuer: provider.issuer,
      signInClientId: clientId,
      signInClientSecret: clientSecret,
    },
    ...{ signInAllowPrivateNetwork: true, failedCredentialsPerMinute: 0 },
    signInGroups: [{ group: 'admins', role: 'admin' }],
  })
})
afterAll(async () => {
  await api.close()
  await provider.close()
  await database.drop()
})
beforeEach(() => {
  provider.asked.length = 0
})

const nowSeconds = () => Math.floor(Date.now() / 1_000)
type Claims = Record<string, unknown>

const claimsOf = (nonce: string, more: Claims = {}): Claims => ({
  ...{ iss: provider.issuer, aud: clientId, sub: 'ada', nonce, iat: nowSeconds(), exp: nowSeconds() + 300 },
  ...{ groups: ['admins'], name: 'Ada' },
  ...more,
})

async function sign(claims: Claims, { alg = 'ES256', kid = keyId, key = provider.privateKey as KeyObject } = {}) {
  const given = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
  return new SignJWT(given).setProtectedHeader({ alg, kid }).sign(key)
}

/** Signs in with an ID token of the test; the browser does nothing wrong. */
async function signInWith(make: (nonce: string) => string | Promise<string>, more: Claims = {}) {
  const browser = new CookieClient()
  const begun = await browser.once('GET', `${api.address}/auth/sign-in`)
  const asked = new URL(begun.location ?? '').searchParams
  const idToken = await make(asked.get('nonce') ?? '')
  provider.answerWith({
    body: { access_token: 'opaque', token_type: 'Bearer', ...(idToken !== '' && { id_token: idToken }), ...more },
  })
  const callback = new URLSearchParams({ code: 'a-code', state: asked.get('state') ?? '' })
  const page = await browser.once('GET', `${api.address}/auth/callback?${callback}`)
  const me = await browser.once('GET', `${api.address}/auth/me`)
  return { page, isIn: me.status === 200, asked, browser }
}

const sessions = async () => Number((await database.pool.query('select count(*) from identity_sessions')).rows[0].count)

describe('an ID token', () => {
  it('lets in where nothing is wrong with it', async () => {
    const { page, isIn, asked } = await signInWith((nonce) => sign(claimsOf(nonce)))
    expect([page.status, page.location, isIn]).toEqual([303, `${api.address}/`, true])
    expect(Object.fromEntries(asked)).toMatchObject({
      ...{ response_type: 'code', code_challenge_method: 'S256', scope: 'openid profile email', client_id: clientId },
      redirect_uri: `${api.address}/auth/callback`,
      ...{ state: expect.stringMatching(/^.{43}$/), nonce: expect.stringMatching(/^.{43}$/) },
    })
    const [token] = provider.asked
    expect(token).toMatchObject({
      form: {
        ...{ grant_type: 'authorization_code', code: 'a-code', redirect_uri: `${api.address}/auth/callback` },
        code_verifier: expect.stringMatching(/^.{43}$/),
      },
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    })
  })

  it.each<[string, (nonce: string) => string | Promise<string>]>([
    ['alg none', (nonce) => new UnsecuredJWT(claimsOf(nonce)).encode()],
    [
      'alg none and a kid',
      (nonce) => {
        const [, payload] = new UnsecuredJWT(claimsOf(nonce)).encode().split('.')
        return `${Buffer.from(JSON.stringify({ alg: 'none', kid: keyId })).toString('base64url')}.${payload}.`
      },
    ],
    [
      'HS256 with the secret of the client',
      (nonce) => sign(claimsOf(nonce), { alg: 'HS256', key: createSecretKey(Buffer.from(clientSecret)) }),
    ],
    ['another key under its id', (nonce) => sign(claimsOf(nonce), { key: stranger })],
    ['a key that nobody knows', (nonce) => sign(claimsOf(nonce), { kid: 'another', key: stranger })],
    ['a signature cut off', async (nonce) => (await sign(claimsOf(nonce))).replace(/[^.]+$/, '')],
    [
      'claims changed after it was signed',
      async (nonce) => {
        const [head, , signature] = (await sign(claimsOf(nonce))).split('.')
        return `${head}.${Buffer.from(JSON.stringify(claimsOf(nonce, { sub: 'root' }))).toString('base64url')}.${signature}`
      },
    ],
    ['another issuer', (nonce) => sign(claimsOf(nonce, { iss: 'https://evil.example' }))],
    ['no issuer', (nonce) => sign(claimsOf(nonce, { iss: undefined }))],
    ['another audience', (nonce) => sign(claimsOf(nonce, { aud: 'another-client' }))],
    ['no audience', (nonce) => sign(claimsOf(nonce, { aud: undefined }))],
    ['two audiences, for the other of them', (nonce) => sign(claimsOf(nonce, { aud: [clientId, 'b'], azp: 'b' }))],
    ['the nonce of another sign-in', () => sign(claimsOf(randomBytes(32).toString('base64url')))],
    ['no nonce', (nonce) => sign(claimsOf(nonce, { nonce: undefined }))],
    ['an end of a minute ago', (nonce) => sign(claimsOf(nonce, { iat: nowSeconds() - 400, exp: nowSeconds() - 60 }))],
    ['no end', (nonce) => sign(claimsOf(nonce, { exp: undefined }))],
    ['an nbf ahead', (nonce) => sign(claimsOf(nonce, { nbf: nowSeconds() + 300 }))],
    ['no subject', (nonce) => sign(claimsOf(nonce, { sub: undefined }))],
    ['a subject that is a list', (nonce) => sign(claimsOf(nonce, { sub: ['ada'] }))],
    ['no ID token at all', () => ''],
    ['one that is no JWT', () => 'echo7f3a'],
  ])('is refused with %s, and nobody learns why', async (_name, make) => {
    const before = await sessions()
    const { page, isIn } = await signInWith(make)
    expect([page.status, isIn]).toEqual([401, false])
    expect(page.body).toContain('sign-in-failed')
    expect(page.body).not.toMatch(/echo7f3a|nonce|audience|signature|\.ts:\d|node_modules/i)
    expect(await sessions()).toBe(before)
  })

  it('lets in whose clock is some seconds off', async () => {
    const ahead = nowSeconds() + 10
    expect((await signInWith((nonce) => sign(claimsOf(nonce, { iat: ahead, nbf: ahead })))).isIn).toBe(true)
  })

  it('names groups in its own words only: what is no list of texts means nothing', async () => {
    for (const groups of [undefined, null, { admins: true }, ['Admins'], [['admins']], 'staff admins', 7]) {
      const { page, isIn } = await signInWith((nonce) => sign(claimsOf(nonce, { groups })))
      expect([page.status, isIn], JSON.stringify(groups)).toEqual([403, false])
    }
    expect((await signInWith((nonce) => sign(claimsOf(nonce, { groups: 'admins' })))).isIn).toBe(true)
  })
})

describe('a provider that does not answer as it should', () => {
  it.each<[string, number, Record<string, unknown>, number, string]>([
    ['a code that is over', 400, { error: 'invalid_grant', error_description: 'echo7f3a' }, 401, 'sign-in-failed'],
    ['a client that it does not know', 401, { error: 'invalid_client' }, 503, 'identity-provider-unavailable'],
    ['trouble of its own', 500, { error: 'server_error' }, 503, 'identity-provider-unavailable'],
    ['no error and no token', 502, {}, 503, 'identity-provider-unavailable'],
  ])('says %s', async (_name, status, body, told, code) => {
    const browser = new CookieClient()
    const begun = await browser.once('GET', `${api.address}/auth/sign-in`)
    const state = new URL(begun.location ?? '').searchParams.get('state') ?? ''
    provider.answerWith({ status, body })
    const page = await browser.once('GET', `${api.address}/auth/callback?code=x&state=${state}`)
    expect(page.status).toBe(told)
    expect(page.body).toContain(code)
    expect(page.body).not.toContain('echo7f3a')
  })

  it('is no way to have an error shown that somebody wrote into a link', async () => {
    const browser = new CookieClient()
    const begun = await browser.once('GET', `${api.address}/auth/sign-in`)
    const state = new URL(begun.location ?? '').searchParams.get('state') ?? ''
    const words = new URLSearchParams({ state, error: 'echo7f3a', error_description: '<b>echo7f3a</b>' })
    const page = await browser.once('GET', `${api.address}/auth/callback?${words}`)
    expect(page.status).toBe(401)
    expect(page.body).toContain('sign-in-refused')
    expect(page.body).not.toContain('echo7f3a')
  })
})
