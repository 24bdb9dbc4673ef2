import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readActs } from '../../src/audit/acts.ts'
import { systemClock } from '../../src/contract/clock.ts'
import { formTokenField } from '../../src/http/auth/sign-in/browser-sessions.ts'
import { addLocalAccount, disableLocalAccount, setPassword } from '../../src/identity/local-accounts.ts'
import { TillIdentity } from '../../src/simulator/till/till-identity.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestApi, type TestApi } from '../identity/api.ts'
import { type Answer, CookieClient } from './cookie-client.ts'

const password = 'four kettles of green rope'
let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, {
    stores: [
      { businessUnitId: '9', region: 'north' },
      { businessUnitId: '10', region: 'south' },
    ],
  })
  const { pool } = database
  for (const [name, role] of [
    ['nora', 'integrator'],
    ['vic', 'viewer'],
  ] as const) {
    const actor = 'cli:ada'
    await addLocalAccount(pool, api.identityKey, { name, grants: [{ role, region: 'north' }], actor })
    await setPassword(pool, api.identityKey, { name, password, actor })
  }
})
afterAll(async () => {
  expect(api.complaints()).toEqual([])
  await api.close()
  await database.drop()
})

const at = (path: string) => `${api.address}${path}`

/** Opens a page of the hub as nobody, types name and password on the way, and is there. */
async function open(name: string, path: string): Promise<{ browser: CookieClient; page: Answer }> {
  const browser = new CookieClient()
  const form = await browser.get(at(path))
  expect([form.status, new URL(form.url).pathname]).toEqual([200, expect.stringMatching(/^\/oauth\/sign-in\//)])
  return { browser, page: await browser.submit(form.url, { name, password }) }
}

const formTokenIn = ({ body }: Answer) => new RegExp(`name="${formTokenField}" value="([^"]+)"`).exec(body)?.[1] ?? ''

/** A till that shows a code and waits; nobody waits for real. */
async function showCode(): Promise<{ userCode: string; enrolled: Promise<TillIdentity>; stop(): void }> {
  const stopped = new AbortController()
  const clock = {
    now: systemClock.now,
    sleep: async (_ms: number, signal?: AbortSignal) => {
      await systemClock.sleep(20, signal)
      await database.pool.query("update identity_provider_state set asked_at = null where model = 'DeviceCode'")
    },
  }
  return new Promise((resolve, reject) => {
    const show = ({ userCode }: { userCode: string }) => resolve({ userCode, enrolled, stop: () => stopped.abort() })
    const wanted = { publicUrl: api.address, deviceName: 'Kasse 7', show, clock, signal: stopped.signal }
    const enrolled = TillIdentity.enrolByApproval(wanted, { pool: api.pool })
    enrolled.catch(reject)
  })
}

describe('a manager of a region', () => {
  it('signs in, types the code that a till shows, sees what asks, and says which till it is', async () => {
    const { userCode, enrolled } = await showCode()
    const { browser, page } = await open('nora', `/auth/devices?code=${userCode}`)
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/auth/devices'])
    expect(page.body).toContain(`value="${userCode}"`)
    const submit = (fields: object) =>
      browser.submit(at('/auth/devices'), { [formTokenField]: formTokenIn(page), code: userCode, ...fields })

    const asks = await submit({})
    expect(asks.body).toContain('Kasse 7')
    expect(asks.body).toMatch(/<dd>127\.0\.0\.1<\/dd>.*<code>[\w-]{43}<\/code>/s)
    expect(asks.body).toContain('<option>9</option>')
    expect(asks.body).not.toContain('<option>10</option>')

    const foreign = await submit({ store: '10', till: '7', answer: 'approve' })
    expect([foreign.status, foreign.body]).toEqual([404, expect.stringContaining('There is no such store for you')])
    const unnamed = await submit({ store: '9', till: 'a b', answer: 'approve' })
    expect([unnamed.status, unnamed.body]).toEqual([422, expect.stringContaining('Store and till must be identifiers')])
    const approved = await submit({ store: '9', till: '7', answer: 'approve' })
    expect([approved.status, approved.body]).toEqual([200, expect.stringContaining('till 7 of store 9')])
    expect((await enrolled).registration).toMatchObject({ businessUnitId: '9', workstationId: '7' })
    expect((await submit({ store: '9', till: '8', answer: 'approve' })).status).toBe(404)
    expect(await readActs(database.pool, 'till:9/7')).toMatchObject([
      { act: 'till.approve', actor: expect.stringMatching(/^person:/) },
    ])
  })

  it('sends a till away', async () => {
    const { userCode, enrolled } = await showCode()
    const { browser, page } = await open('nora', '/auth/devices')
    const fields = { [formTokenField]: formTokenIn(page), code: userCode, answer: 'refuse' }
    expect((await browser.submit(at('/auth/devices'), fields)).body).toContain('The till was sent away')
    await expect(enrolled).rejects.toMatchObject({ code: 'enrolment-code-invalid' })
  })

  it('is not made to do so by a form of another site, nor by one without what the page gave', async () => {
    const { browser, page } = await open('nora', '/auth/devices')
    const fields = { code: 'BCDF-GHJK', answer: 'approve', store: '9', till: '1' }
    const forged = [
      browser.submit(at('/auth/devices'), fields),
      browser.submit(at('/auth/devices'), { ...fields, [formTokenField]: 'x' }),
      browser.submit(
        at('/auth/devices'),
        { ...fields, [formTokenField]: formTokenIn(page) },
        { origin: 'https://evil.example' },
      ),
    ]
    expect((await Promise.all(forged)).map(({ status }) => status)).toEqual([403, 403, 403])
  })

  it('sees nothing of what was typed, and waits after five wrong codes', async () => {
    const { browser, page } = await open('nora', '/auth/devices?code=%3Cb%3Eecho7f3a')
    expect(page.body).not.toContain('echo7f3a')
    const type = (code: string) => browser.submit(at('/auth/devices'), { [formTokenField]: formTokenIn(page), code })
    const wrong = await type('<b>echo7f3a</b>')
    expect([wrong.status, wrong.body]).toEqual([404, expect.stringContaining('role="alert"')])
    expect(wrong.body).not.toContain('echo7f3a')
    for (let index = 0; index < 4; index += 1) await type('BBBB-BBBB')
    expect((await type('BBBB-BBBB')).status).toBe(429)
  })
})

describe('somebody who may not', () => {
  it('is told so, and somebody who was disabled is out at once', async () => {
    const { browser, page } = await open('vic', '/auth/devices')
    expect([page.status, page.body]).toEqual([403, expect.stringContaining('permission-missing')])
    expect((await browser.once('GET', at('/auth/me'))).status).toBe(200)
    await disableLocalAccount(database.pool, api.identityKey, { name: 'vic', actor: 'cli:ada' })
    expect((await browser.once('GET', at('/auth/me'))).status).toBe(401)
  })
})
