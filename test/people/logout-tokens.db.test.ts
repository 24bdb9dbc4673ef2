import { createSecretKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Claims,
  clientId,
  clientSecret,
  type HubWithForgingProvider,
  nowSeconds,
  startHubWithForgingProvider,
} from './hub-with-forging-provider.ts'

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
let hub: HubWithForgingProvider
beforeAll(async () => {
  hub = await startHubWithForgingProvider()
})
afterAll(async () => {
  expect(hub.api.complaints()).toEqual([])
  await hub.stop()
})

const logoutOf = (more: Claims): Claims => ({
  ...{ iss: hub.provider.issuer, aud: clientId, iat: nowSeconds(), exp: nowSeconds() + 120, jti: randomUUID() },
  events: { [logoutEvent]: {} },
  ...more,
})
const logout = (more: Claims = {}, options: Parameters<HubWithForgingProvider['sign']>[1] = {}) =>
  hub.sign(logoutOf(more), { typ: 'logout+jwt', ...options })

async function send(token: string, body = new URLSearchParams({ logout_token: token }).toString()) {
  const answer = await fetch(`${hub.api.address}/auth/back-channel-logout`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  expect(answer.headers.get('content-type')).toMatch(/json/)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return { status: answer.status, body: (await answer.json()) as { code?: string; sessionsEnded?: number } }
}

const signIn = (more: Claims) => hub.signInWith((nonce) => hub.sign(hub.claimsOf(nonce, more)))
const ended = (sessionsEnded: number) => ({ status: 200, body: { sessionsEnded } })

describe('a logout that the provider tells', () => {
  it('ends the session of which it tells, and no other', async () => {
    const [one, other, somebodyElse] = [
      await signIn({ sub: 'ada', sid: 'one' }),
      await signIn({ sub: 'ada', sid: 'other' }),
      await signIn({ sub: 'bob', sid: 'third' }),
    ]
    expect(await send(await logout({ sid: 'unknown' }))).toEqual(ended(0))
    expect(await send(await logout({ sub: 'unknown' }))).toEqual(ended(0))
    // Of somebody else the same name of a session is another one.
    expect(await send(await logout({ sub: 'bob', sid: 'one' }))).toEqual(ended(0))
    expect(await send(await logout({ sid: 'one' }))).toEqual(ended(1))
    expect([await one.isStillIn(), await other.isStillIn(), await somebodyElse.isStillIn()]).toEqual([
      false,
      true,
      true,
    ])
    expect(await send(await logout({ sub: 'ada', sid: 'other' }))).toEqual(ended(1))
    expect(await send(await logout({ sub: 'bob' }))).toEqual(ended(1))
    expect(await somebodyElse.isStillIn()).toBe(false)
  })

  it('ends all of a person where no session is named, and those of which nobody knows by which they were begun', async () => {
    const all = [await signIn({ sub: 'cyd', sid: 'one' }), await signIn({ sub: 'cyd', sid: 'two' })]
    expect(await send(await logout({ sub: 'cyd' }))).toEqual(ended(2))
    expect(await Promise.all(all.map((one) => one.isStillIn()))).toEqual([false, false])
    const [nameless, named] = [await signIn({ sub: 'cyd' }), await signIn({ sub: 'cyd', sid: 'three' })]
    expect(await send(await logout({ sub: 'cyd', sid: 'four' }))).toEqual(ended(1))
    expect([await nameless.isStillIn(), await named.isStillIn()]).toEqual([false, true])
  })

  it('is told once: the same again ends nothing that was begun since', async () => {
    const token = await logout({ sub: 'dan' })
    expect(await send(token)).toEqual(ended(0))
    const again = await signIn({ sub: 'dan' })
    expect(await send(token)).toMatchObject({ status: 400, body: { code: 'logout-token-invalid' } })
    expect(await again.isStillIn()).toBe(true)
    const others = await Promise.all([1, 2, 3].map(async (_, __, all) => [all, await logout({ sub: 'dan', jti: 'x' })]))
    const statuses = await Promise.all(others.map(async ([, one]) => (await send(String(one))).status))
    expect(statuses.toSorted()).toEqual([200, 400, 400])
  })

  it('is taken without a type or an end of its own, which older providers leave out, and from a clock some seconds off', async () => {
    for (const [claims, typ] of [
      [{ exp: undefined }, undefined],
      [{}, 'JWT'],
      [{}, 'application/logout+jwt'],
      [{ iat: nowSeconds() + 10 }, 'logout+jwt'],
      [{ aud: [clientId] }, 'logout+jwt'],
    ] as const) {
      const { isStillIn } = await signIn({ sub: 'eve' })
      const token = await hub.sign(logoutOf({ sub: 'eve', ...claims }), typ === undefined ? {} : { typ })
      expect([await send(token), await isStillIn()], JSON.stringify([claims, typ])).toEqual([ended(1), false])
    }
  })

  it.each<[string, () => string | Promise<string>]>([
    ['alg none', () => new UnsecuredJWT(logoutOf({ sub: 'ada' })).encode()],
    [
      'HS256 with the secret of the client',
      () => logout({ sub: 'ada' }, { alg: 'HS256', key: createSecretKey(Buffer.from(clientSecret)) }),
    ],
    ['another key under its id', () => logout({ sub: 'ada' }, { key: stranger })],
    ['a key that nobody knows', () => logout({ sub: 'ada' }, { key: stranger, kid: 'another' })],
    ['a signature cut off', async () => (await logout({ sub: 'ada' })).replace(/[^.]+$/, '')],
    ['another issuer', () => logout({ sub: 'ada', iss: 'https://evil.example' })],
    ['no issuer', () => logout({ sub: 'ada', iss: undefined })],
    ['another audience', () => logout({ sub: 'ada', aud: 'another-client' })],
    ['no audience', () => logout({ sub: 'ada', aud: undefined })],
    ['two audiences', () => logout({ sub: 'ada', aud: [clientId, 'b'], azp: 'b' })],
    ['an age of more than ten minutes', () => logout({ sub: 'ada', iat: nowSeconds() - 700, exp: nowSeconds() + 700 })],
    ['a time ahead', () => logout({ sub: 'ada', iat: nowSeconds() + 300 })],
    ['an end of a minute ago', () => logout({ sub: 'ada', iat: nowSeconds() - 120, exp: nowSeconds() - 60 })],
    ['no time', () => logout({ sub: 'ada', iat: undefined })],
    ['no id', () => logout({ sub: 'ada', jti: undefined })],
    ['an id that is no text', () => logout({ sub: 'ada', jti: 7 })],
    ['no events', () => logout({ sub: 'ada', events: undefined })],
    ['another event', () => logout({ sub: 'ada', events: { 'http://schemas.openid.net/event/other': {} } })],
    ['an event that is a text', () => logout({ sub: 'ada', events: { [logoutEvent]: 'yes' } })],
    ['events in a list', () => logout({ sub: 'ada', events: [logoutEvent] })],
    ['a nonce', () => logout({ sub: 'ada', nonce: 'x' })],
    ['nobody', () => logout()],
    ['somebody in a list', () => logout({ sub: ['ada'] })],
    ['an empty session', () => logout({ sub: 'ada', sid: '' })],
    ['the type of an access token', () => logout({ sub: 'ada' }, { typ: 'at+jwt' })],
    ['what is an ID token', () => hub.sign(hub.claimsOf('x'))],
    ['no token', () => ''],
    ['what is no JWT', () => 'echo7f3a'],
    ['more than anybody reads', () => 'echo7f3a'.repeat(900)],
  ])('is not taken with %s, and nobody learns why', async (_name, make) => {
    const { isStillIn } = await signIn({ sub: 'ada', sid: 'one' })
    const { status, body } = await send(await make())
    expect([status, body.code, await isStillIn()]).toEqual([400, 'logout-token-invalid', true])
    expect(JSON.stringify(body)).not.toMatch(/echo7f3a|claim|signature|\.ts:\d|node_modules/i)
  })

  it('is a form with one token, and a short one', async () => {
    const token = await logout({ sub: 'nobody' })
    const twice = `logout_token=${token}&logout_token=${token}`
    expect((await send('', twice)).body.code).toBe('logout-token-invalid')
    expect(await send('', `logout_token=${'x'.repeat(9_000)}`)).toMatchObject({
      ...{ status: 413, body: { code: 'payload-too-large' } },
    })
    const json = await fetch(`${hub.api.address}/auth/back-channel-logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ logout_token: token }),
    })
    expect(json.status).toBe(415)
    expect(await send(token)).toEqual(ended(0))
  })

  it('is kept from the table: it tells nothing of how the provider names sessions', async () => {
    await signIn({ sub: 'ada', sid: 'session-7f3a' })
    const { rows } = await hub.database.pool.query('select provider_session_hash from identity_sessions')
    const hashes = rows.map(({ provider_session_hash: hash }) => hash).filter((hash) => hash !== null)
    expect(hashes.length).toBeGreaterThan(0)
    for (const hash of hashes)
      expect([hash.length, hash.toString('latin1')]).toEqual([32, expect.not.stringContaining('7f3a')])
  })
})
