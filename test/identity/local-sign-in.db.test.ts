import { createHash, createSecretKey, randomBytes, randomUUID, sign } from 'node:crypto'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readActs } from '../../src/audit/acts.ts'
import { webClientKey } from '../../src/http/auth/authorization-server/own-clients.ts'
import {
  addLocalAccount,
  disableLocalAccount,
  findLocalAccount,
  inviteToPassword,
  listLocalAccounts,
  setPassword,
} from '../../src/identity/local-accounts.ts'
import { isPassword } from '../../src/identity/password.ts'
import { signInLocally } from '../../src/identity/sign-in-locally.ts'
import { applyRetention } from '../../src/privacy/erasure/retention.ts'
import { retentionRules } from '../../src/runtimes/node/retention-rules.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestApi, type TestApi } from './api.ts'
import { Browser } from './browser.ts'

const actor = 'cli:ada'
const password = 'four kettles of green rope'
let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database)
  const { pool } = database
  const grants = [{ role: 'viewer' }, { role: 'operator', region: 'north' }]
  await addLocalAccount(pool, api.identityKey, { name: 'Ada Example', grants, actor })
  await setPassword(pool, api.identityKey, { name: 'Ada Example', password, actor })
})
afterAll(async () => {
  expect(api.complaints()).toEqual([])
  await api.close()
  await database.drop()
})

const base64url = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** The request with which the hub's own pages send a browser here. */
function authorizationRequest(more: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url')
  const [state, nonce] = [randomUUID(), randomUUID()]
  const query = new URLSearchParams({
    ...{ client_id: 'tillflow-web', response_type: 'code', scope: 'openid profile email', state, nonce },
    redirect_uri: `${api.address}/auth/callback`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  })
  return { address: `/oauth/auth?${query}`, verifier, state, nonce }
}

/** What only the hub itself can ask: it shows the key of the installation. */
async function exchangeCode(code: string, verifier: string, key = webClientKey(api.identityKey)) {
  const seconds = Math.floor(Date.now() / 1_000)
  const claims = { iss: 'tillflow-web', sub: 'tillflow-web', aud: `${api.address}/oauth`, jti: randomUUID() }
  const text = `${base64url({ alg: 'EdDSA' })}.${base64url({ ...claims, iat: seconds, exp: seconds + 60 })}`
  const answer = await fetch(`${api.address}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', code, code_verifier: verifier },
      redirect_uri: `${api.address}/auth/callback`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`,
    }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}

/** From the request to the page that asks for name and password. */
async function openSignIn(browser: Browser, more: Record<string, string> = {}) {
  const asked = authorizationRequest(more)
  const { status, location } = await browser.get(asked.address)
  expect({ status, location }).toMatchObject({
    status: 303,
    location: expect.stringMatching(/^\/oauth\/sign-in\/[\w-]+$/),
  })
  return { ...asked, page: location }
}

async function signIn(browser: Browser, name = 'ada example', word = password) {
  const { page, ...asked } = await openSignIn(browser)
  const resume = await browser.submit(page, { name, password: word })
  const back = await browser.get(resume.location)
  return { ...asked, back: new URL(back.location) }
}

describe('somebody with a password of the hub', () => {
  it('signs in by code and PKCE; the ID token names the person and the groups, and no session stays here', async () => {
    const browser = new Browser(api.address)
    const { back, state, nonce, verifier } = await signIn(browser)
    expect(back.pathname).toBe('/auth/callback')
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ state, iss: `${api.address}/oauth` })
    const { status, body } = await exchangeCode(back.searchParams.get('code') ?? '', verifier)
    expect(status).toBe(200)
    const keys = createRemoteJWKSet(new URL(`${api.address}/oauth/jwks`))
    const { payload } = await jwtVerify(body.id_token ?? '', keys, {
      ...{ issuer: `${api.address}/oauth`, audience: 'tillflow-web', algorithms: ['ES256'] },
    })
    expect(payload).toMatchObject({ nonce, name: 'Ada Example', groups: ['viewer', 'operator/region/north'] })
    expect(payload.sub).toMatch(/^[0-9a-f-]{36}$/)
    expect(body).not.toHaveProperty('refresh_token')
    expect([...browser.cookies.keys()].filter((name) => /session/.test(name))).toEqual([])
    // What comes with the ID token opens nothing.
    const headers = { authorization: `Bearer ${body.access_token}` }
    expect((await fetch(`${api.address}/v1/targets`, { headers })).status).toBe(401)
    // The next one is asked again, also in the same browser.
    await openSignIn(browser)
  })

  it('gets a code that works once, with its verifier, for the hub alone', async () => {
    const { back, verifier } = await signIn(new Browser(api.address))
    const code = back.searchParams.get('code') ?? ''
    const stranger = webClientKey(createSecretKey(randomBytes(32)))
    expect(await exchangeCode(code, verifier, stranger)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
    expect(await exchangeCode(code, 'x'.repeat(43))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const other = await signIn(new Browser(api.address))
    const otherCode = other.back.searchParams.get('code') ?? ''
    expect((await exchangeCode(otherCode, other.verifier)).status).toBe(200)
    expect((await exchangeCode(otherCode, other.verifier)).body.error).toBe('invalid_grant')
  })

  it('sees pages that a browser may show nobody else, with labels, and nothing of what was typed', async () => {
    const browser = new Browser(api.address)
    const { page } = await openSignIn(browser)
    const { status, headers, text } = await browser.get(page)
    expect(status).toBe(200)
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
    )
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(text).toContain('<html lang="en">')
    expect(text).not.toMatch(/<script|style=|onload/i)
    for (const [, id] of text.matchAll(/<input id="(\w+)"/g)) expect(text).toContain(`<label for="${id}">`)
    const wrong = await browser.submit(page, { name: '<b>echo7f3a</b>', password: 'echo7f3a' })
    expect(wrong.status).toBe(401)
    expect(wrong.text).toMatch(/<title>Error: Sign in.*role="alert"/s)
    expect(wrong.text).not.toContain('echo7f3a')
    const style = await browser.get('/assets/pages.css')
    expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
    expect([...browser.cookies.values()].every(({ attributes }) => /httponly/.test(attributes))).toBe(true)
  })

  it('is not signed in by the form of another site, nor without the cookie of this sign-in', async () => {
    const browser = new Browser(api.address)
    const { page } = await openSignIn(browser)
    const typed = { name: 'Ada Example', password }
    const foreign = await browser.submit(page, typed, { origin: 'https://evil.example' })
    expect(foreign.status).toBe(403)
    // What says nothing of where the form was is no browser of today.
    const silent = await fetch(`${api.address}${page}`, { method: 'POST', body: new URLSearchParams(typed) })
    expect([silent.status, await silent.text()]).toEqual([403, expect.stringContaining('cross-site-request')])
    const elsewhere = await new Browser(api.address).submit(page, typed)
    expect([elsewhere.status, elsewhere.text]).toEqual([400, expect.stringContaining('This sign-in has ended')])
    expect((await browser.submit(page, typed)).status).toBe(303)
  })

  it('is sent nowhere but to the hub, and only by whom may ask', async () => {
    const browser = new Browser(api.address)
    for (const more of [
      { redirect_uri: 'https://evil.example/auth/callback' },
      { client_id: 'tillflow-till' },
      { client_id: 'somebody' },
    ] as Record<string, string>[]) {
      const { status, location, text, headers } = await browser.get(authorizationRequest(more).address)
      expect([status, location]).toEqual([400, ''])
      expect(text).toContain('The sign-in did not work')
      expect(text).not.toContain('evil.example')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
    const withoutPkce = await browser.get(authorizationRequest({ code_challenge: '' }).address)
    expect(new URL(withoutPkce.location).searchParams.get('error')).toBe('invalid_request')
    const silent = await browser.get(authorizationRequest({ prompt: 'none' }).address)
    expect(new URL(silent.location).searchParams.get('error')).toBe('login_required')
    const asApi = await browser.get(authorizationRequest({ resource: api.address }).address)
    expect(new URL(asApi.location).searchParams.get('error')).toBe('invalid_target')
  })
})

describe('somebody who is new', () => {
  it('chooses a password by a code, once, and signs in with it', async () => {
    const { pool } = database
    await addLocalAccount(pool, api.identityKey, { name: 'new', grants: [{ role: 'viewer' }], actor })
    const { code } = await inviteToPassword(pool, api.identityKey, { name: 'new', actor })
    const browser = new Browser(api.address)
    const path = '/oauth/choose-password'
    expect((await browser.get(path)).text).toContain('<label for="again">')
    const word = 'seven violet trams'
    const choose = (more: object) => browser.submit(path, { name: 'new', code, password: word, again: word, ...more })
    expect((await choose({ again: 'other words here' })).text).toContain('The two passwords differ')
    expect((await choose({ code: 'AAAA-AAAA-AAAA-AAAA' })).status).toBe(401)
    expect((await choose({ name: 'nobody' })).status).toBe(401)
    expect((await choose({ password: 'short', again: 'short' })).text).toContain('fewer than 12 characters')
    expect((await choose({})).text).toContain('Your password is set')
    expect((await choose({})).status).toBe(401)
    const { back } = await signIn(new Browser(api.address), 'NEW', word)
    expect(back.searchParams.get('code')).toBeTruthy()
  })
})

describe('somebody who was disabled', () => {
  it('does not sign in, nor end a sign-in that was under way', async () => {
    const { pool } = database
    const named = { name: 'gone', actor }
    await addLocalAccount(pool, api.identityKey, { ...named, grants: [{ role: 'admin' }] })
    await setPassword(pool, api.identityKey, { ...named, password })
    const { back, verifier } = await signIn(new Browser(api.address), 'gone')
    await disableLocalAccount(pool, api.identityKey, named)
    const late = await exchangeCode(back.searchParams.get('code') ?? '', verifier)
    expect(late).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const browser = new Browser(api.address)
    const { page } = await openSignIn(browser)
    expect((await browser.submit(page, { name: 'gone', password })).status).toBe(401)
  })

  it('is forgotten long after, and not while they may come in or are held; the account that acts name stays', async () => {
    const { pool } = database
    const { identityKey } = api
    const add = (name: string) => addLocalAccount(pool, identityKey, { name, grants: [{ role: 'viewer' }], actor })
    const [left, lately] = [await add('left long ago'), await add('left lately')]
    for (const { name } of [left, lately]) await disableLocalAccount(pool, identityKey, { name, actor, reason: 'left' })
    const longAgo = "clock_timestamp() - interval '401 days'"
    await pool.query(`update identity_local_accounts set disabled_at = ${longAgo} where account_id = $1`, [
      left.accountId,
    ])
    await pool.query(`update identity_local_accounts set created_at = ${longAgo}`)
    const nameOf = async ({ accountId }: { accountId: string }) =>
      (await listLocalAccounts(pool, identityKey)).find((one) => one.accountId === accountId)?.name
    const rule = retentionRules(loadSettings().settings, undefined).find(({ dataClass }) => dataClass === 'people')
    const apply = async () => rule && (await applyRetention(pool, rule, Date.now())).pruned
    await pool.query(`insert into legal_holds (hold_id, reason, placed_by) values ($1, 'audit', 'cli:ada')`, [
      randomUUID(),
    ])
    expect([await apply(), await nameOf(left)]).toEqual([0, 'left long ago'])
    await pool.query('delete from legal_holds')
    expect(await apply()).toBe(1)
    expect([await nameOf(left), await nameOf(lately)]).toEqual([undefined, 'left lately'])
    const { rows } = await pool.query(
      'select name_hash, sealed_name, password_hash, disabled_at from identity_local_accounts where account_id = $1',
      [left.accountId],
    )
    expect(rows).toEqual([{ name_hash: null, sealed_name: null, password_hash: null, disabled_at: expect.any(Date) }])
    const acts = await readActs(pool, `account:${left.accountId}`)
    expect(acts.map(({ act }) => act)).toEqual(['account.add', 'account.disable'])
    await expect(findLocalAccount(pool, identityKey, 'left long ago')).rejects.toMatchObject({ code: 'unknown-person' })
    await expect(add('Left Lately')).rejects.toMatchObject({ code: 'person-exists' })
    // Somebody else may be called so, and is another account.
    expect((await add('left long ago')).accountId).not.toBe(left.accountId)
  })
})

describe('whoever knew the old password', () => {
  const [name, old, present] = ['renewed', 'nine paper lanterns', 'ten glass marbles here']
  const set = (word: string) => setPassword(database.pool, api.identityKey, { name, password: word, actor })
  beforeAll(async () => {
    await addLocalAccount(database.pool, api.identityKey, { name, grants: [{ role: 'admin' }], actor })
  })

  it('is asked again where a new one was set before the browser went on', async () => {
    await set(old)
    const browser = new Browser(api.address)
    const { page } = await openSignIn(browser)
    const resume = await browser.submit(page, { name, password: old })
    await set(present)
    const back = await browser.get(resume.location)
    expect([back.status, back.location]).toEqual([303, expect.stringMatching(/^\/oauth\/sign-in\/[\w-]+$/)])
    expect((await browser.submit(back.location, { name, password: old })).status).toBe(401)
    // The same browser is nobody's: somebody else comes in by it.
    const other = await browser.submit(back.location, { name: 'Ada Example', password })
    const onward = await browser.get(other.location)
    expect(new URL(onward.location).searchParams.get('code')).toBeTruthy()
  })

  it('has a code that is worth nothing any more', async () => {
    await set(old)
    const { back, verifier } = await signIn(new Browser(api.address), name, old)
    await set(present)
    const late = await exchangeCode(back.searchParams.get('code') ?? '', verifier)
    expect(late).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    // The control: it was the password.
    const now = await signIn(new Browser(api.address), name, present)
    expect((await exchangeCode(now.back.searchParams.get('code') ?? '', now.verifier)).status).toBe(200)
  })
})

describe('somebody who guesses', () => {
  it.each(['Ada Example', 'nobody of this name'])(
    '%s: waits after five wrong ones, with the same answers',
    async (name) => {
      const browser = new Browser(api.address)
      const { page } = await openSignIn(browser)
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => browser.submit(page, { name, password: `wrong guess ${index}` })),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
      const right = await browser.submit(page, { name, password })
      expect([right.status, right.text]).toEqual([
        429,
        expect.stringContaining('Too many tries were wrong. Wait a minute'),
      ])
      expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(30)
    },
  )
})

describe('somebody whose name others guess at', () => {
  const tryIn = (address: string, word: string, name = 'Bea Example') =>
    signInLocally(database.pool, api.identityKey, { name, password: word, address })
  const guess = (address: string) =>
    Promise.all(Array.from({ length: 5 }, (_, index) => tryIn(address, `wrong guess ${index}`)))

  it('still signs in where they did before, and has no more tries there than anybody', async () => {
    const { pool } = database
    await addLocalAccount(pool, api.identityKey, { name: 'Bea Example', grants: [{ role: 'viewer' }], actor })
    await setPassword(pool, api.identityKey, { name: 'Bea Example', password, actor })
    expect(await tryIn('192.0.2.1', password)).toMatchObject({ outcome: 'signed-in' })
    await guess('192.0.2.2')
    expect(await tryIn('192.0.2.3', password)).toMatchObject({ outcome: 'wait' })
    expect(await tryIn('192.0.2.1', password)).toMatchObject({ outcome: 'signed-in' })
    await guess('192.0.2.1')
    expect(await tryIn('192.0.2.1', password)).toMatchObject({ outcome: 'wait' })
  })

  it('loses no try while more passwords are looked at than the machine has room for', async () => {
    const kept = (parallelization: number) =>
      `scrypt$${parallelization > 1 ? 15 : 1}$8$${parallelization}$${'A'.repeat(22)}$${'A'.repeat(43)}`
    const busy = Array.from({ length: 34 }, (_, index) => isPassword(api.identityKey, 'x', kept(index < 2 ? 9 : 1)))
    for (let index = 0; index < 6; index += 1)
      await expect(tryIn('192.0.2.4', 'x', 'somebody else')).rejects.toMatchObject({
        code: 'temporary-reduced-capacity',
      })
    await Promise.all(busy)
    expect(await tryIn('192.0.2.4', 'x', 'somebody else')).toEqual({ outcome: 'wrong' })
  })
})

it('keeps no name, password or cookie in clear', async () => {
  const { rows } = await database.pool.query(
    `select (select jsonb_agg(a) from identity_local_accounts a)::text || (select jsonb_agg(t) from identity_tries t)::text
       || (select jsonb_agg(s) from identity_provider_state s)::text || (select jsonb_agg(c) from audit_acts c)::text as text`,
  )
  const hex = (text: string) => Buffer.from(text).toString('hex')
  for (const secret of ['Ada Example', 'ada example', password])
    for (const spelling of [secret, hex(secret)]) expect(rows[0].text).not.toContain(spelling)
})
