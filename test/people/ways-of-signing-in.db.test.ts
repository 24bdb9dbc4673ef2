import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Grant } from '../../src/domain/grant.ts'
import { breakGlass, redeemBreakGlass } from '../../src/identity/break-glass.ts'
import { addLocalAccount, disableLocalAccount, setGrants, setPassword } from '../../src/identity/local-accounts.ts'
import { signInPerson } from '../../src/identity/sign-in.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { startTestApi, type TestApi } from '../identity/api.ts'
import { CookieClient } from './cookie-client.ts'
import { type ForgingProvider, startForgingProvider } from './forging-provider.ts'

let provider: ForgingProvider
beforeAll(async () => {
  provider = await startForgingProvider()
})
afterAll(() => provider.close())

async function withApi(
  overrides: Record<string, unknown>,
  work: (api: TestApi, database: TestDatabase) => Promise<void>,
): Promise<void> {
  // Each has a key of its own.
  const database = await createTestDatabase()
  const api = await startTestApi(database, overrides)
  try {
    await work(api, database)
  } finally {
    await api.close()
    await database.drop()
  }
}

const external = (more: Record<string, unknown> = {}) => ({
  ...{ signIn: 'external', signInIssuer: provider.issuer, signInClientId: 'tillflow', signInAllowPrivateNetwork: true },
  ...more,
})
const secret = { signInClientSecret: 'q7Vd0pXw2LkZr9TnYc5B' }
const keys: [string, KeyObject][] = [
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey],
  ['EdDSA', generateKeyPairSync('ed25519').privateKey],
]

/** How the hub showed the provider who it is, when a browser came back with a code. */
async function showedByHub(address: string) {
  const browser = new CookieClient()
  const { location } = await browser.once('GET', `${address}/auth/sign-in`)
  const state = new URL(location ?? '').searchParams.get('state')
  provider.answerWith({ status: 400, body: { error: 'invalid_grant' } })
  await browser.once('GET', `${address}/auth/callback?code=x&state=${state}`)
  return provider.asked.at(-1) ?? { form: undefined, authorization: undefined }
}

describe('the hub and a provider', () => {
  it.each(keys)('know each other by a key: %s', async (alg, key) => {
    const signInClientKey = key.export({ format: 'pem', type: 'pkcs8' })
    await withApi(external({ signInClientKey }), async ({ address }) => {
      const { form, authorization } = await showedByHub(address)
      expect(authorization).toBeUndefined()
      const verified = await jwtVerify(form?.client_assertion ?? '', createPublicKey(key), { algorithms: [alg] })
      expect(verified.payload).toMatchObject({ iss: 'tillflow', sub: 'tillflow', aud: provider.issuer })
    })
  })

  it.each([
    ['client_secret_basic', 'header'],
    ['client_secret_post', 'body'],
  ])('know each other by a secret, shown as the settings say: %s', async (signInClientSecretMethod, place) => {
    await withApi(external({ ...secret, signInClientSecretMethod }), async ({ address }) => {
      const { form, authorization } = await showedByHub(address)
      expect(authorization !== undefined).toBe(place === 'header')
      expect(form?.client_secret).toBe(place === 'body' ? secret.signInClientSecret : undefined)
    })
  })

  it('a key of a kind that providers do not take is told at the sign-in', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const signInClientKey = privateKey.export({ format: 'pem', type: 'pkcs8' })
    await withApi(external({ signInClientKey }), async ({ address }) => {
      expect((await new CookieClient().once('GET', `${address}/auth/sign-in`)).status).toBe(503)
    })
  })

  it('over https the cookies are of this host alone', async () => {
    await withApi(external({ ...secret, publicUrl: 'https://hub.example' }), async ({ address }) => {
      const begun = await new CookieClient().once('GET', `${address}/auth/sign-in`)
      expect(begun.headers.get('set-cookie')).toMatch(
        /^__Host-tillflow-sign-in=[^;]+; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax; Secure$/,
      )
      const { searchParams } = new URL(begun.location ?? '')
      expect(searchParams.get('redirect_uri')).toBe('https://hub.example/auth/callback')
      expect((await new CookieClient().get(address)).body).toContain('href="https://hub.example/auth/sign-in"')
    })
  })

  it('over plain http nobody signs in but on this machine', async () => {
    await withApi(external({ ...secret, publicUrl: 'http://hub.example' }), async ({ address }) => {
      const page = await new CookieClient().once('GET', `${address}/auth/sign-in`)
      expect([page.status, page.headers.get('set-cookie')]).toEqual([403, null])
      expect(page.body).toContain('https-needed')
      expect((await new CookieClient().get(`${address}/auth/callback?code=x&state=y`)).body).toContain('https-needed')
    })
  })

  it('over plain http nobody types a password or a code but on this machine', async () => {
    await withApi({ publicUrl: 'http://hub.example' }, async ({ address, identityKey }, { pool }) => {
      const { code } = await breakGlass(pool, identityKey, { reason: 'a control', actor: 'cli:ada' })
      const browser = new CookieClient()
      for (const path of ['/auth/break-glass', '/oauth/choose-password', '/oauth/sign-in/x']) {
        const typed = { code, name: 'nora', password: 'four kettles', again: 'four kettles' }
        const origin = 'http://hub.example'
        const pages = [
          await browser.get(`${address}${path}`),
          await browser.submit(`${address}${path}`, typed, { origin }),
        ]
        for (const { status, body } of pages)
          expect([status, body]).toEqual([403, expect.stringContaining('https-needed')])
      }
      // Nothing was used up.
      expect(await redeemBreakGlass(pool, identityKey, code)).toMatchObject({ reason: 'a control' })
    })
  })
})

describe('the provider in the hub', () => {
  const [actor, name, password] = ['cli:ada', 'nora', 'four kettles of green rope']
  /** An account of the hub itself, and somebody who has signed in with it. */
  const signInNora = async (address: string, pool: Pool, identityKey: KeyObject, grant: Grant) => {
    await addLocalAccount(pool, identityKey, { name, grants: [grant], actor })
    await setPassword(pool, identityKey, { name, password, actor })
    const browser = new CookieClient()
    const { url } = await browser.get(`${address}/auth/sign-in`)
    return { browser, page: await browser.submit(url, { name, password }) }
  }

  it('is asked without a way through the network, whatever the hub is called outside', async () => {
    await withApi({ publicUrl: 'https://hub.example' }, async ({ address }) => {
      const { status, location } = await new CookieClient().once('GET', `${address}/auth/sign-in`)
      const { origin, pathname, searchParams } = new URL(location ?? '')
      expect([status, origin, pathname]).toEqual([303, 'https://hub.example', '/oauth/auth'])
      expect(Object.fromEntries(searchParams)).toMatchObject({
        client_id: 'tillflow-web',
        code_challenge_method: 'S256',
      })
    })
  })

  it('signs in whom the hub knows itself, until they are disabled', async () => {
    await withApi({}, async ({ address, identityKey }, { pool }) => {
      const { browser, page } = await signInNora(address, pool, identityKey, { role: 'operator', store: '9' })
      expect([page.status, page.url]).toEqual([200, `${address}/`])
      expect(page.body).toContain('operator of store 9')
      const me = async () => JSON.parse((await browser.once('GET', `${address}/auth/me`)).body)
      expect(await me()).toMatchObject({ name, roles: [{ role: 'operator', store: '9' }] })
      await disableLocalAccount(pool, identityKey, { name, actor })
      expect((await me()).code).toBe('session-ended')
    })
  })

  it('gives a session what its account may do now, whatever it began with, and nothing once its password is another', async () => {
    await withApi({}, async ({ address, identityKey }, { pool }) => {
      const { browser } = await signInNora(address, pool, identityKey, { role: 'admin' })
      const me = async () => JSON.parse((await browser.once('GET', `${address}/auth/me`)).body)
      const { sessionId } = await me()
      // As a callback would that had asked before, and wrote after.
      await pool.query('create table kept_sessions as select * from identity_sessions')
      const { tillflow = '' } = browser.cookiesFor(address)
      const putBack = async () => {
        await pool.query('insert into identity_sessions select * from kept_sessions')
        browser.put(address, 'tillflow', tillflow)
      }
      await setGrants(pool, identityKey, { name, grants: [{ role: 'operator', store: '9' }], actor })
      expect((await me()).code).toBe('session-ended')
      await putBack()
      expect(await me()).toMatchObject({
        sessionId,
        roles: [{ role: 'operator', store: '9' }],
        reach: { 'admin:read': ['9'] },
      })
      await setPassword(pool, identityKey, { name, password: 'seven violet trams', actor })
      await putBack()
      expect((await me()).code).toBe('session-ended')
    })
  })

  it('ends the sessions of an account without a look into those of others, and says so in the log', async () => {
    await withApi({}, async ({ address, identityKey }, { pool }) => {
      await signInNora(address, pool, identityKey, { role: 'admin' })
      const { code } = await breakGlass(pool, identityKey, { reason: 'a control', actor })
      const { sessionId } = await redeemBreakGlass(pool, identityKey, code)
      await pool.query("update identity_sessions set sealed = '\\x00' where session_id = $1", [sessionId])
      await disableLocalAccount(pool, identityKey, { name, actor, reason: 'left' })
      const { rows: left } = await pool.query('select session_id from identity_sessions')
      expect(left).toEqual([{ session_id: sessionId }])
      const { rows } = await pool.query("select actor, reason from audit_acts where act = 'session.end'")
      expect(rows).toEqual([{ actor, reason: 'left' }])
    })
  })

  it('is left with its sessions where another provider takes its place, and the other way round', async () => {
    const database = await createTestDatabase()
    const { pool } = database
    // One installation: its key stays what it is.
    const masterKey = randomBytes(32)
    const embedded = await startTestApi(database, {}, masterKey)
    const other = await startTestApi(database, external(secret), masterKey)
    const statusOf = async ({ address }: TestApi, { secret: cookie }: { secret: string }) => {
      const browser = new CookieClient()
      browser.put(address, 'tillflow', cookie)
      return (await browser.once('GET', `${address}/auth/me`)).status
    }
    try {
      const [{ identityKey }, actor, name] = [embedded, 'cli:ada', 'nora']
      const [grants, lifeMs, groups] = [[{ role: 'admin' }], 60_000, ['admins']]
      const { accountId } = await addLocalAccount(pool, identityKey, { name, grants, actor })
      await setPassword(pool, identityKey, { name, password: 'four kettles of green rope', actor })
      const sessionOf = (issuer: string) =>
        signInPerson(
          pool,
          identityKey,
          {
            ...{ identity: { issuer, subject: accountId }, groups, grants, provider: issuer },
            signedInAtSeconds: Date.now() / 1_000 + 60,
          },
          { lifeMs },
        )
      const own = await sessionOf(`${embedded.address}/oauth`)
      const foreign = await sessionOf(provider.issuer)
      const { code } = await breakGlass(pool, identityKey, { reason: 'a control', actor })
      const broken = await redeemBreakGlass(pool, identityKey, code)
      const statuses = async (api: TestApi) => Promise.all([own, foreign, broken].map((one) => statusOf(api, one)))
      expect(await statuses(embedded)).toEqual([200, 401, 200])
      expect(await statuses(other)).toEqual([401, 200, 200])
    } finally {
      await embedded.close()
      await other.close()
      await database.drop()
    }
  })

  it('is not there where people sign in nowhere, and neither are the pages', async () => {
    for (const settings of [{ signIn: 'none' }, { authorizationServer: 'none' }]) {
      await withApi(settings, async ({ address }) => {
        const browser = new CookieClient()
        browser.put(address, 'tillflow', 'A'.repeat(43))
        for (const path of ['/', '/auth/sign-in', '/auth/me', '/auth/break-glass', '/oauth/choose-password'])
          expect((await browser.once('GET', `${address}${path}`)).status).toBe(404)
      })
    }
  })

  it('has pages for passwords where people have them here only, and a client of its own for them', async () => {
    for (const [settings, status] of [
      [{}, 200],
      [external(secret), 404],
    ] as const) {
      await withApi(settings, async ({ address }) => {
        const browser = new CookieClient()
        expect((await browser.once('GET', `${address}/oauth/choose-password`)).status).toBe(status)
        const asked = decodeURIComponent(
          (await browser.once('GET', `${address}/oauth/auth?client_id=tillflow-web&response_type=code`)).body,
        )
        // The client is there, and what it asked for is not complete; or nobody knows it.
        expect(asked.replaceAll('+', ' ')).toContain(status === 200 ? 'scope must be requested' : 'client is invalid')
      })
    }
  })
})
