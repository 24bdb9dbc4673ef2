import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formTokenField } from '../../src/http/auth/sign-in/browser-sessions.ts'
import { createToken } from '../../src/http/auth/token-store.ts'
import { beginSession, endAllSessions, endSession, listSessions } from '../../src/identity/sessions.ts'
import { type Answer, CookieClient } from './cookie-client.ts'
import { type HubWithProvider, people, sessionIdleMs, startHubWithProvider } from './hub-with-provider.ts'

let hub: HubWithProvider
let api: HubWithProvider['api']
let database: HubWithProvider['database']
beforeAll(async () => {
  hub = await startHubWithProvider()
  ;({ api, database } = hub)
})
afterAll(() => hub.stop())

const formTokenIn = ({ body }: Answer) => new RegExp(`name="${formTokenField}" value="([^"]+)"`).exec(body)?.[1] ?? ''
const act = (
  browser: CookieClient,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
) => browser.once(method, hub.at(path), headers, body)
const ownPage = () => ({ origin: api.address, 'tillflow-request': '1', 'content-type': 'application/json' })
const actsOf = async (object: string) =>
  (await database.pool.query('select actor, act, details from audit_acts where object = $1 order by act_id', [object]))
    .rows

describe('somebody who signs in', () => {
  it('comes back as who they are, with the roles of their groups, and no token in the browser', async () => {
    const { browser, page } = await hub.signIn('ada', '/auth/sign-in?return=/%3Fhere%3D1')
    expect(page).toMatchObject({ status: 200, url: hub.at('/?here=1') })
    expect(page.body).toContain('Ada &lt;b&gt;Admin&lt;/b&gt;')
    expect(page.body).toContain('admin of everything')
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'self'; form-action 'self'/,
    )
    const { status, body } = await hub.me(browser)
    expect([status, body]).toMatchObject([
      200,
      {
        ...{ name: people.ada.name, email: 'ada@example.com', breakGlass: false, roles: [{ role: 'admin' }] },
        reach: {
          'admin:read': '*',
          'admin:write': '*',
          'identity:write': '*',
          'privacy:write': '*',
          'audit:read': '*',
        },
      },
    ])
    expect(Date.parse(body.endsAt) - Date.now()).toBeLessThanOrEqual(43_200_000)
    expect(Date.parse(body.idleEndsAt) - Date.now()).toBeLessThanOrEqual(sessionIdleMs)
    const cookies = browser.cookiesFor(hub.at('/'))
    expect(Object.keys(cookies)).toContain('tillflow')
    expect(cookies.tillflow).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(Object.keys(cookies)).not.toContain('tillflow-sign-in')
    const { rows } = await database.pool.query('select * from identity_sessions')
    const text = JSON.stringify(rows.map((row) => ({ ...row, sealed: row.sealed.toString('latin1') })))
    for (const secret of [cookies.tillflow ?? '', 'Ada', 'ada@', 'eyJ']) expect(text).not.toContain(secret)
    const { rows: persons } = await database.pool.query('select sealed from identity_people')
    expect(persons.map(({ sealed }) => sealed.toString('latin1')).join()).not.toMatch(/ada|example/i)
  })

  it('has a cookie that no script and no other site gets', async () => {
    const browser = new CookieClient()
    const { url } = await hub.begin(browser)
    const back = await browser.once('POST', url, { 'content-type': 'application/x-www-form-urlencoded' }, 'name=ada')
    let answer = await browser.once('GET', back.location ?? '')
    while (!answer.url.startsWith(hub.at('/auth/callback'))) answer = await browser.once('GET', answer.location ?? '')
    const [clears = '', sets = ''] = answer.headers.getSetCookie()
    expect(clears).toBe('tillflow-sign-in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax')
    expect(sets).toMatch(/^tillflow=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=43\d{3}; HttpOnly; SameSite=Lax$/)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('may do by the cookie what their roles allow, where they allow it', async () => {
    const { browser: admin } = await hub.signIn('ada')
    const { browser: north } = await hub.signIn('nora')
    expect((await act(admin, 'GET', '/v1/targets')).status).toBe(200)
    const pause = await act(north, 'POST', '/v1/targets/erp/pause', ownPage(), '{"reason":"x"}')
    expect(JSON.parse(pause.body).code).toBe('permission-missing')
    expect((await hub.me(north)).body.reach).toEqual({ 'admin:read': ['9'], 'admin:write': ['9'] })
    expect(JSON.parse((await act(north, 'GET', '/v1/files')).body)).toEqual({ files: [] })
    const sale = await act(admin, 'POST', '/v1/transactions', ownPage(), '{}')
    expect(JSON.parse(sale.body).code).toBe('permission-missing')
  })

  it('has the roles of groups that the provider names at its userinfo endpoint only', async () => {
    const { browser } = await hub.signIn('uma')
    expect((await hub.me(browser)).body).toMatchObject({
      ...{ name: people.uma.name, roles: [{ role: 'operator', region: 'north' }] },
    })
  })

  it('does not come in without a role, and that is on record', async () => {
    const { browser, page } = await hub.signIn('zoe')
    expect(page.status).toBe(403)
    expect(page.body).toContain('sign-in-no-role')
    expect((await hub.me(browser)).body.code).toBe('unauthorized')
    const { rows } = await database.pool.query("select actor, object from audit_acts where act = 'person.refuse'")
    expect(rows).toHaveLength(1)
    expect(rows[0].actor).toMatch(/^person:[0-9a-f-]{36}$/)
    expect(rows[0].object).toBe(rows[0].actor)
  })

  it('loses the sessions that are still open when they come without a role, in every browser', async () => {
    const { browser } = await hub.signIn('zoe')
    const { rows } = await database.pool.query("select object from audit_acts where act = 'person.refuse'")
    const personId = rows[0].object.replace('person:', '')
    const keepSession = () =>
      beginSession(database.pool, api.identityKey, {
        ...{ personId, grants: [{ role: 'admin' }], lifeMs: 60_000 },
        details: { provider: hub.issuer },
      })
    const [here, elsewhere] = [await keepSession(), await keepSession()]
    const other = new CookieClient()
    browser.put(hub.at('/'), 'tillflow', here.secret)
    other.put(hub.at('/'), 'tillflow', elsewhere.secret)
    for (const one of [browser, other]) expect((await hub.me(one)).status).toBe(200)
    expect((await browser.get(hub.at('/auth/sign-in'))).body).toContain('sign-in-no-role')
    expect(browser.cookiesFor(hub.at('/'))).not.toHaveProperty('tillflow')
    expect((await hub.me(other)).body.code).toBe('session-ended')
    expect(await actsOf(`session:${elsewhere.sessionId}`)).toMatchObject([
      { act: 'session.end', details: { of: `person:${personId}` } },
    ])
  })

  it('is the same person each time, with another session each time; the one before ends', async () => {
    const { browser } = await hub.signIn('nora')
    const first = (await hub.me(browser)).body
    const secret = browser.cookiesFor(hub.at('/')).tillflow
    await browser.get(hub.at('/auth/sign-in'))
    const second = (await hub.me(browser)).body
    expect(second.actor).toBe(first.actor)
    expect(second.sessionId).not.toBe(first.sessionId)
    expect(browser.cookiesFor(hub.at('/')).tillflow).not.toBe(secret)
    const old = new CookieClient()
    old.put(hub.at('/'), 'tillflow', secret ?? '')
    expect((await hub.me(old)).body.code).toBe('session-ended')
    expect(old.cookiesFor(hub.at('/'))).toEqual({})
    expect((await actsOf(`session:${first.sessionId}`)).map((one) => one.act)).toEqual([
      'person.sign-in',
      'session.end',
    ])
  })

  it('is told nothing of what a provider wrote when it refuses', async () => {
    const browser = new CookieClient()
    const { url } = await hub.begin(browser)
    const page = await browser.submit(url, { cancel: '1' })
    expect(page.status).toBe(401)
    expect(page.body).toContain('sign-in-refused')
    expect(page.body).not.toContain('echo7f3a')
  })
})

describe('a session', () => {
  it('ends by the form of the page, here and at the provider', async () => {
    const { browser, page } = await hub.signIn('ada')
    const { sessionId } = (await hub.me(browser)).body
    const out = await browser.submit(hub.at('/auth/sign-out'), { [formTokenField]: formTokenIn(page) })
    expect(out.status).toBe(200)
    const onward = /^0; url=(.+)$/.exec(out.headers.get('refresh') ?? '')?.[1] ?? ''
    expect(onward).toMatch(/\/session\/end\?.*id_token_hint=/)
    expect((await browser.get(onward)).body).toMatch(/logout|sign.?out/i)
    expect((await hub.me(browser)).status).toBe(401)
    expect((await actsOf(`session:${sessionId}`)).map((one) => one.act)).toEqual(['person.sign-in', 'session.sign-out'])
  })

  it('ends by a program of the page', async () => {
    const { browser } = await hub.signIn('ada')
    const out = await act(browser, 'POST', '/auth/sign-out', ownPage(), '{}')
    expect([out.status, JSON.parse(out.body)]).toEqual([
      200,
      { signedOut: true, endSessionUrl: expect.stringContaining('/session/end') },
    ])
    expect((await hub.me(browser)).status).toBe(401)
  })

  it('ends when its person signs out at the provider, which tells the hub; one that was begun by another browser there stays', async () => {
    const [here, elsewhere] = [await hub.signIn('nora'), await hub.signIn('nora')]
    const { sessionId, actor } = (await hub.me(here.browser)).body
    const ask = await here.browser.get(`${hub.issuer}/session/end`)
    const [, action = ''] = /action="([^"]+)"/.exec(ask.body) ?? []
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(ask.body) ?? []
    await here.browser.submit(action, { xsrf, logout: 'yes' })
    expect((await hub.me(here.browser)).body.code).toBe('session-ended')
    expect((await hub.me(elsewhere.browser)).status).toBe(200)
    expect((await actsOf(`session:${sessionId}`)).at(-1)).toEqual({
      ...{ actor: 'identity-provider', act: 'session.end', details: { of: actor } },
    })
  })

  it('ends when nothing is done in it, and in the end whatever is done', async () => {
    for (const column of ['seen_at', 'ends_at']) {
      const { browser } = await hub.signIn('ada')
      const { sessionId } = (await hub.me(browser)).body
      const back = column === 'seen_at' ? sessionIdleMs - 5_000 : 0
      const move = (ms: number) =>
        database.pool.query(
          `update identity_sessions set ${column} = clock_timestamp() - $2 * interval '1 ms' where session_id = $1`,
          [sessionId, ms],
        )
      if (column === 'seen_at') {
        await move(back)
        expect((await hub.me(browser)).status).toBe(200)
      }
      await move(column === 'seen_at' ? sessionIdleMs + 1_000 : 1)
      expect((await hub.me(browser)).body.code).toBe('session-ended')
    }
  })

  it('is seen and ended by whoever looks after the hub, alone or with all of its person', async () => {
    const by = { actor: 'cli:ada', act: 'session.end', reason: 'left the company' } as const
    const [one, other, third] = [await hub.signIn('nora'), await hub.signIn('nora'), await hub.signIn('ada')]
    const { sessionId, actor } = (await hub.me(one.browser)).body
    const listed = await listSessions(database.pool, api.identityKey, sessionIdleMs)
    expect(listed.find((session) => session.sessionId === sessionId)).toMatchObject({
      ...{ actor, person: { name: people.nora.name }, grants: [{ role: 'operator', region: 'north' }] },
    })
    await endSession(database.pool, sessionId, by)
    await expect(endSession(database.pool, sessionId, by)).rejects.toMatchObject({ code: 'not-found' })
    await expect(endSession(database.pool, 'x', by)).rejects.toMatchObject({ code: 'not-found' })
    expect((await hub.me(one.browser)).body.code).toBe('session-ended')
    expect((await hub.me(other.browser)).status).toBe(200)
    const personId = String(actor).replace('person:', '')
    expect(await endAllSessions(database.pool, by, { personId })).toBeGreaterThan(0)
    expect(await endAllSessions(database.pool, by, { personId: 'x' })).toBe(0)
    expect((await hub.me(other.browser)).body.code).toBe('session-ended')
    expect((await hub.me(third.browser)).status).toBe(200)
    expect((await actsOf(`session:${sessionId}`)).at(-1)).toMatchObject({ actor: 'cli:ada', details: { of: actor } })
  })

  it('is not one of a made-up cookie, and counts for nothing beside a token', async () => {
    const browser = new CookieClient()
    for (const value of ['x', 'A'.repeat(43), "' or '1'='1"]) {
      browser.put(hub.at('/'), 'tillflow', value)
      expect((await hub.me(browser)).body.code).toBe('session-ended')
    }
    const { browser: admin } = await hub.signIn('ada')
    const { token } = await createToken(database.pool, { name: 'reader', scopes: ['admin:read'] })
    const both = await act(admin, 'GET', '/v1/targets', { authorization: `Bearer ${token}` })
    expect([both.status, JSON.parse(both.body).code]).toEqual([400, 'credentials-ambiguous'])
    expect((await act(new CookieClient(), 'GET', '/v1/targets', { authorization: `Bearer ${token}` })).status).toBe(200)
  })
})

describe('a request that another site makes with the cookie of somebody', () => {
  const other = 'http://127.0.0.1:1'
  const json = { 'content-type': 'application/json' }
  const erase = '{"subject":"customer:nobody"}'

  it('changes nothing; the same from a page of the hub does', async () => {
    const { browser } = await hub.signIn('ada')
    const attempts: Record<string, string>[] = [
      json,
      { ...json, origin: other },
      { ...json, origin: 'null' },
      { ...json, origin: other, 'tillflow-request': '1' },
      { ...json, 'tillflow-request': '1' },
      { ...json, 'tillflow-request': '1', 'sec-fetch-site': 'cross-site' },
      { ...json, 'tillflow-request': '1', 'sec-fetch-site': 'same-site' },
      { ...json, origin: other, 'tillflow-request': '1', 'sec-fetch-site': 'same-origin' },
      { ...json, origin: api.address },
      { ...json, 'sec-fetch-site': 'same-origin' },
      { 'content-type': 'text/plain', origin: other },
    ]
    for (const headers of attempts) {
      const refused = await act(browser, 'POST', '/v1/subjects/preview-erasure', headers, erase)
      expect([refused.status, JSON.parse(refused.body).code], JSON.stringify(headers)).toEqual([
        403,
        'cross-site-request',
      ])
    }
    for (const headers of [ownPage(), { ...json, 'tillflow-request': '1', 'sec-fetch-site': 'same-origin' }]) {
      expect((await act(browser, 'POST', '/v1/subjects/preview-erasure', headers, erase)).status).toBe(200)
    }
  })

  it('does not sign anybody out, also as a form', async () => {
    const { browser, page } = await hub.signIn('ada')
    const { page: foreign } = await hub.signIn('nora')
    const submit = (token: string, origin: string) =>
      browser.submit(hub.at('/auth/sign-out'), { ...(token !== '' && { [formTokenField]: token }) }, { origin })
    for (const [token, origin] of [
      [formTokenIn(page), other],
      ['', api.address],
      ['x', api.address],
      [formTokenIn(foreign), api.address],
    ] as const) {
      const refused = await submit(token, origin)
      expect(refused.status).toBe(403)
      expect(refused.body).toContain('cross-site-request')
    }
    expect((await hub.me(browser)).status).toBe(200)
    expect((await submit(formTokenIn(page), api.address)).status).toBe(200)
  })

  it('gets no answer of the hub to read', async () => {
    const { browser } = await hub.signIn('ada')
    const answer = await act(browser, 'GET', '/auth/me', { origin: other })
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
  })
})
