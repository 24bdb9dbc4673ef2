import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chooseFreePort } from '../../src/database/embedded/free-port.ts'
import { breakGlass } from '../../src/identity/break-glass.ts'
import { rememberPerson } from '../../src/identity/people.ts'
import { beginSession, endAllSessions, endSession, listSessions, pruneSessions } from '../../src/identity/sessions.ts'
import { applyRetention } from '../../src/privacy/erasure/retention.ts'
import { retentionRules } from '../../src/runtimes/node/retention-rules.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestApi, type TestApi } from '../identity/api.ts'
import { CookieClient } from './cookie-client.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, {
    // Nobody is there.
    ...{ signIn: 'external', signInIssuer: `http://127.0.0.1:${await chooseFreePort()}`, signInClientId: 'tillflow' },
    ...{ signInClientSecret: 'q7Vd0pXw2LkZr9TnYc5B', signInAllowPrivateNetwork: true, failedCredentialsPerMinute: 12 },
  })
})
afterAll(async () => {
  expect(api.complaints()).toEqual([])
  await api.close()
  await database.drop()
})

const at = (path: string) => `${api.address}${path}`
const issue = (reason = 'the provider is down') =>
  breakGlass(database.pool, api.identityKey, { reason, actor: 'cli:ada' })
const type = (code: string, headers: Record<string, string> = {}, browser = new CookieClient()) =>
  browser.submit(at('/auth/break-glass'), { code }, headers).then((page) => ({ page, browser }))
const me = async (browser: CookieClient) => {
  const answer = await browser.once('GET', at('/auth/me'))
  return { status: answer.status, body: JSON.parse(answer.body) }
}
const metric = async (name: string) =>
  new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'm').exec((await new CookieClient().get(at('/metrics'))).body)?.[1]

describe('while the provider is away', () => {
  it('nobody signs in, and the page says what there is to do', async () => {
    const page = await new CookieClient().get(at('/auth/sign-in'))
    expect(page.status).toBe(503)
    expect(page.body).toContain('identity-provider-unavailable')
    expect(page.body).toContain('tillflow break-glass')
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('a code of the command line lets an administrator in, once, for an hour, and everybody can see that', async () => {
    const { code, breakGlassId, expiresAt } = await issue()
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{2}$/)
    expect(expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(900_000)
    const form = await new CookieClient().get(at('/auth/break-glass'))
    expect(form.body).toContain('<label for="code">')
    // As somebody types it.
    const { page, browser } = await type(` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o')}`)
    expect(page).toMatchObject({ status: 200, url: at('/') })
    expect(page.body).toContain('Emergency administrator')
    const { body } = await me(browser)
    expect(body).toMatchObject({
      ...{ actor: `break-glass:${breakGlassId}`, breakGlass: true, roles: [{ role: 'admin' }] },
      reach: { 'privacy:write': '*', 'audit:read': '*' },
    })
    expect(Date.parse(body.endsAt) - Date.now()).toBeLessThanOrEqual(3_600_000)
    expect((await browser.once('GET', at('/v1/targets'))).status).toBe(200)
    const again = await type(code)
    expect(again.page.status).toBe(401)
    expect(again.page.body).toContain('lets nobody in')
    expect((await me(again.browser)).status).toBe(401)
    const { rows } = await database.pool.query(
      "select actor, act, object, reason from audit_acts where act like 'break-glass.%' order by act_id",
    )
    expect(rows).toEqual([
      {
        actor: 'cli:ada',
        act: 'break-glass.issue',
        object: `break-glass:${breakGlassId}`,
        reason: 'the provider is down',
      },
      {
        ...{ actor: `break-glass:${breakGlassId}`, act: 'break-glass.sign-in', reason: 'the provider is down' },
        object: `session:${body.sessionId}`,
      },
    ])
    expect(await metric('tillflow_break_glass_sessions_total')).toBe('1')
    const { rows: stored } = await database.pool.query('select code_hash from identity_break_glass')
    expect(stored.map(({ code_hash }) => code_hash.toString('latin1')).join()).not.toContain(code.replaceAll('-', ''))
  })

  it('two browsers with one code are one administrator', async () => {
    const { code } = await issue()
    const both = await Promise.all([type(code), type(code)])
    expect(both.map(({ page }) => page.status).toSorted()).toEqual([200, 401])
  })

  it('a code is worth nothing when it is over or sent by another site, and there is none without a reason', async () => {
    const { code, breakGlassId } = await issue()
    for (const headers of [{ origin: 'http://127.0.0.1:1' }, { origin: 'null' }]) {
      const { page, browser } = await type(code, headers)
      expect(page.status).toBe(403)
      expect((await me(browser)).status).toBe(401)
    }
    await database.pool.query(
      'update identity_break_glass set expires_at = clock_timestamp() where break_glass_id = $1',
      [breakGlassId],
    )
    expect((await type(code)).page.status).toBe(401)
    await expect(issue(' ')).rejects.toMatchObject({ code: 'request-invalid' })
    await expect(issue('x'.repeat(501))).rejects.toMatchObject({ code: 'request-invalid' })
  })

  it('who made a code and why is forgotten with who people were, and their ids stay', async () => {
    const { pool } = database
    const [old, present] = [await issue('old Ada was locked out'), await issue()]
    const remember = (subject: string) =>
      rememberPerson(pool, api.identityKey, { issuer: 'https://idp.example', subject, name: 'Nora North' })
    const [gone, here, signedIn] = [await remember('gone'), await remember('here'), await remember('signed-in')]
    const session = { personId: signedIn, grants: [{ role: 'viewer' }], details: {}, lifeMs: 60_000 }
    const { sessionId } = await beginSession(pool, api.identityKey, session)
    const longAgo = "clock_timestamp() - interval '401 days'"
    await pool.query(`update identity_people set signed_in_at = ${longAgo} where person_id <> $1`, [here])
    await pool.query(`update identity_break_glass set expires_at = ${longAgo} where break_glass_id = $1`, [
      old.breakGlassId,
    ])
    const rule = retentionRules(loadSettings().settings, undefined).find(({ dataClass }) => dataClass === 'people')
    expect(rule).toMatchObject({ days: 400 })
    if (rule) expect(await applyRetention(pool, rule, Date.now())).toMatchObject({ pruned: 2, more: false })
    const people = await pool.query('select person_id, sealed is null as is_empty from identity_people')
    expect(new Map(people.rows.map((row) => [row.person_id, row.is_empty]))).toEqual(
      new Map([
        [gone, true],
        [here, false],
        [signedIn, false],
      ]),
    )
    const codes = await pool.query('select break_glass_id, reason, issued_by from identity_break_glass')
    const reasons = new Map(codes.rows.map((row) => [row.break_glass_id, [row.reason, row.issued_by]]))
    expect(reasons.get(old.breakGlassId)).toEqual([null, null])
    expect(reasons.get(present.breakGlassId)).toEqual(['the provider is down', 'cli:ada'])
    // Back after all: the same as before.
    expect(await remember('gone')).toBe(gone)
    await endSession(pool, sessionId, { actor: 'cli:ada', act: 'session.end' })
  })

  it('guessing is told to wait, and a good code too, for a while', async () => {
    const statuses = []
    for (let tries = 0; tries < 16; tries += 1) statuses.push((await type('0000-echo7f3a')).page)
    expect(statuses.map(({ status }) => status)).toContain(429)
    for (const page of statuses) expect(page.body).not.toContain('echo7f3a')
    expect((await type((await issue()).code)).page.status).toBe(429)
  })

  it('sessions are listed and ended from the command line, and what has ended goes', async () => {
    const listed = await listSessions(database.pool, api.identityKey, 1_800_000)
    expect(listed.length).toBe(2)
    expect(await endAllSessions(database.pool, { actor: 'cli:ada', act: 'session.end', reason: 'over' })).toBe(2)
    expect(await listSessions(database.pool, api.identityKey, 1_800_000)).toEqual([])
    expect(await pruneSessions(database.pool, 1_800_000, 10)).toBe(0)
  })
})
