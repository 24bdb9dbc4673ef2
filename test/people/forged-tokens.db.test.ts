import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CookieClient } from './cookie-client.ts'
import { keyId, type UserinfoAnswer } from './forging-provider.ts'
import {
  type Claims,
  clientId,
  clientSecret,
  type HubWithForgingProvider,
  nowSeconds,
  startHubWithForgingProvider,
} from './hub-with-forging-provider.ts'

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
let hub: HubWithForgingProvider
let provider: HubWithForgingProvider['provider']
let api: HubWithForgingProvider['api']

beforeAll(async () => {
  hub = await startHubWithForgingProvider()
  ;({ provider, api } = hub)
})
afterAll(() => hub.stop())
beforeEach(() => {
  provider.asked.length = 0
  provider.askedOfPerson.length = 0
  provider.tellOfPerson({})
})

const claimsOf: HubWithForgingProvider['claimsOf'] = (...said) => hub.claimsOf(...said)
const sign: HubWithForgingProvider['sign'] = (...said) => hub.sign(...said)
const signInWith: HubWithForgingProvider['signInWith'] = (...said) => hub.signInWith(...said)
const sessions = () => hub.sessions()

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

describe('what the userinfo endpoint says', () => {
  const withoutGroups = (more: Claims = {}) =>
    signInWith((nonce) => sign(claimsOf(nonce, { groups: undefined, ...more })))

  it('counts where the ID token names no groups, and is asked once, with the access token', async () => {
    provider.tellOfPerson({ body: { sub: 'ada', groups: ['admins'], name: 'Somebody Else', email: 'ada@example.com' } })
    const { isIn, browser } = await withoutGroups()
    expect([isIn, provider.askedOfPerson]).toEqual([true, ['Bearer opaque']])
    const me = JSON.parse((await browser.once('GET', `${api.address}/auth/me`)).body)
    // What the token says is signed.
    expect(me).toMatchObject({ name: 'Ada', email: 'ada@example.com', roles: [{ role: 'admin' }] })
  })

  it('is not asked for where the ID token speaks of groups, be it that there are none', async () => {
    provider.tellOfPerson({ body: { sub: 'ada', groups: ['admins'] } })
    const none = await signInWith((nonce) => sign(claimsOf(nonce, { groups: [] })))
    expect([none.page.status, none.isIn, provider.askedOfPerson]).toEqual([403, false, []])
  })

  it.each<[string, UserinfoAnswer, number, string]>([
    ['of somebody else', { body: { sub: 'root', groups: ['admins'] } }, 401, 'sign-in-failed'],
    ['of nobody', { body: { groups: ['admins'] } }, 401, 'sign-in-failed'],
    ['in no JSON object', { body: ['admins'] }, 401, 'sign-in-failed'],
    [
      'unsigned, as a JWT',
      { headers: { 'content-type': 'application/jwt' }, body: { sub: 'ada', groups: ['admins'] } },
      401,
      'sign-in-failed',
    ],
    [
      'to nobody with this token',
      { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token", error_description="echo7f3a"' } },
      503,
      'identity-provider-unavailable',
    ],
    ['with trouble of its own', { status: 500 }, 503, 'identity-provider-unavailable'],
    [
      'from another address',
      { status: 302, headers: { location: 'http://127.0.0.1:1/userinfo' } },
      503,
      'identity-provider-unavailable',
    ],
    [
      'longer than anybody reads',
      { body: { sub: 'ada', groups: ['admins'], more: 'x'.repeat(70_000) } },
      401,
      'sign-in-failed',
    ],
  ])('lets nobody in where it is said %s', async (_name, said, status, code) => {
    const before = await sessions()
    provider.tellOfPerson(said)
    const { page, isIn } = await withoutGroups()
    expect([page.status, isIn]).toEqual([status, false])
    expect(page.body).toContain(code)
    expect(page.body).not.toContain('echo7f3a')
    expect(await sessions()).toBe(before)
  })

  it.each<[string, Claims]>([
    [
      'as Entra ID says it',
      {
        _claim_names: { groups: 'src1' },
        _claim_sources: { src1: { endpoint: 'https://graph.windows.net/x/users/y/getMemberObjects' } },
      },
    ],
    ['in fewer words', { hasgroups: true }],
  ])('or the token, that there are too many groups for it, is told to who signs in, %s', async (_name, overage) => {
    const { page, isIn } = await withoutGroups(overage)
    expect([page.status, isIn]).toEqual([403, false])
    expect(page.body).toContain('sign-in-too-many-groups')
    // Where groups are named all the same, they count.
    provider.tellOfPerson({ body: { sub: 'ada', groups: ['admins'] } })
    expect((await withoutGroups(overage)).isIn).toBe(true)
    expect((await signInWith((nonce) => sign(claimsOf(nonce, overage)))).isIn).toBe(true)
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
