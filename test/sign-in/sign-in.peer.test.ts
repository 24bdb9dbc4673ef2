import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chooseFreePort } from '../../src/database/embedded/free-port.ts'
import type { HubProcess } from '../hub-process.ts'
import { keepPicture, startBrowser, type TestBrowser } from './browser.ts'
import { readHowTo } from './how-to.ts'
import { startHub } from './hub.ts'
import { type OtherSite, startOtherSite } from './other-site.ts'
import { admin, northManager, people, stranger } from './people.ts'
import { setUpEmbedded } from './providers/embedded.ts'
import { setUpGlewlwyd } from './providers/glewlwyd.ts'
import { setUpKeycloak } from './providers/keycloak.ts'
import { setUpOidcProvider } from './providers/oidc-provider.ts'
import type { Person, Provider, SetUp } from './providers/provider.ts'
import { Visitor } from './visitor.ts'

const pause = { path: '/v1/targets/archive/pause', body: { reason: 'stock-taking' } }
/** What a script of another site can send without asking first, and what it would have to be let. */
const foreignRequests: readonly RequestInit[] = [
  { mode: 'no-cors', headers: { 'content-type': 'text/plain' } },
  { mode: 'cors', headers: { 'content-type': 'application/json', 'tillflow-request': '1' } },
].map(
  (request) =>
    ({ ...request, method: 'POST', credentials: 'include', body: JSON.stringify(pause.body) }) as RequestInit,
)
let directory: string
let browser: TestBrowser | undefined
let otherSite: OtherSite

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-sign-in-'))
  otherSite = await startOtherSite()
  browser = await startBrowser()
}, 300_000)
afterAll(async () => {
  otherSite.close()
  await browser?.close()
  await rm(directory, { recursive: true, force: true })
})

describe.each<[string, SetUp]>([
  ['keycloak', setUpKeycloak],
  ['glewlwyd', setUpGlewlwyd],
  ['oidc-provider', setUpOidcProvider],
  ['embedded', setUpEmbedded],
])('people of %s', (title, setUp) => {
  let provider: Provider | undefined
  let hub: HubProcess | undefined

  beforeAll(async () => {
    if (!browser) return
    const howTo = await readHowTo(`http://127.0.0.1:${await chooseFreePort()}`)
    provider = await setUp({ people, howTo })
    if (!provider) return
    hub = await startHub(directory, howTo, provider)
    await provider.prepare?.(hub, await browser.newPage())
  }, 600_000)
  afterAll(async () => {
    await hub?.stop()
    await provider?.remove()
  })

  /** A test with somebody new before the browser; skipped where this machine has no browser or provider. */
  const visit = (
    name: string,
    work: (visitor: Visitor, at: { provider: Provider; address: string }) => Promise<void>,
  ) =>
    it(name, async ({ skip }) => {
      if (!browser || !provider || !hub) return skip()
      const visitor = new Visitor(await browser.newPage(), hub.address)
      try {
        await work(visitor, { provider, address: hub.address })
      } catch (error) {
        await keepPicture(visitor.page, `${title}-failed`)
        throw new Error(`at ${visitor.page.url()}; the hub says: ${hub.log().slice(-1_000)}`, { cause: error })
      } finally {
        await visitor.page.context().close()
      }
    })
  const signIn = async (visitor: Visitor, { signIn: type }: Provider, person: Person): Promise<string> => {
    await visitor.goToProvider()
    await type(visitor.page, person)
    return visitor.comesBack()
  }

  visit('come in with their password and no other, and see who they are', async (visitor, at) => {
    const { page } = visitor
    await visitor.goToProvider()
    await keepPicture(page, `${title}-1-provider`)
    await at.provider.signIn(page, { ...admin, password: 'not-the-password' })
    await at.provider.seesRefusal(page)
    await keepPicture(page, `${title}-2-wrong-password`)
    expect((await visitor.me()).status).toBe(401)

    await at.provider.signIn(page, admin)
    expect(await visitor.comesBack()).toBe('/')
    await keepPicture(page, `${title}-3-signed-in`)
    const shown = at.provider.shows?.(admin) ?? { name: admin.displayName, email: admin.email }
    expect(await visitor.text()).toContain(shown.name)
    const { body: me } = await visitor.me()
    expect(me).toMatchObject({ ...shown, roles: [{ role: 'admin' }] })
    expect(me.reach).toMatchObject({ 'admin:write': '*', 'privacy:write': '*' })
    expect((await visitor.call('POST', pause.path, pause.body)).status).toBe(200)
    expect((await visitor.call('POST', '/v1/targets/archive/resume', {})).status).toBe(200)
  })

  visit('act for the stores of their region and no others', async (visitor, at) => {
    expect(await signIn(visitor, at.provider, northManager)).toBe('/')
    await keepPicture(visitor.page, `${title}-4-region`)
    expect(await visitor.text()).toContain('operator of region north')
    const { body: me } = await visitor.me()
    expect(me.reach).toEqual({ 'admin:read': ['9'], 'admin:write': ['9'] })
    expect((await visitor.call('GET', '/v1/targets/archive/parked')).status).toBe(200)
    const refused = await visitor.call<{ code: string }>('POST', pause.path, pause.body)
    expect(refused).toMatchObject({ status: 403, body: { code: 'permission-missing' } })
  })

  visit('stay out without a group that means something here', async (visitor, at) => {
    const { page } = visitor
    await visitor.goToProvider()
    await at.provider.signIn(page, stranger)
    if (at.provider.refusesStrangers) await at.provider.seesRefusal(page)
    else expect(await visitor.comesBack()).toBe('/auth/callback')
    await keepPicture(page, `${title}-5-no-role`)
    if (!at.provider.refusesStrangers) expect(await visitor.text()).toContain('sign-in-no-role')
    expect((await visitor.me()).status).toBe(401)
  })

  visit('are not signed out or made to act by another site', async (visitor, at) => {
    const { page } = visitor
    await signIn(visitor, at.provider, admin)
    const cookies = await page.context().cookies(at.address)
    expect(cookies.find(({ name }) => name === 'tillflow')).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
    // `localhost` is another site; another port of the same host is the same site, to which browsers send the cookie along.
    for (const host of ['localhost', '127.0.0.1']) {
      const answered = page.waitForResponse((answer) => answer.url() === `${at.address}/auth/sign-out`)
      await page.goto(otherSite.form(host, `${at.address}/auth/sign-out`))
      expect((await answered).status()).toBe(host === 'localhost' ? 401 : 403)
      await visitor.comesBack()
      await keepPicture(page, `${title}-6-form-of-${host}`)
      for (const request of foreignRequests) {
        await page.goto(otherSite.script(host, `${at.address}${pause.path}`, request))
        await page.getByText('no answer').waitFor()
      }
    }
    expect((await visitor.me()).status).toBe(200)
    const { body } = await visitor.call<{ targets: { pauses?: unknown[] }[] }>('GET', '/v1/targets')
    expect(JSON.stringify(body)).not.toContain(pause.body.reason)
    // The control: as a page of the hub it would have been done, and seen.
    await visitor.call('POST', pause.path, pause.body)
    expect(JSON.stringify((await visitor.call('GET', '/v1/targets')).body)).toContain(pause.body.reason)
    await visitor.call('POST', '/v1/targets/archive/resume', {})
  })

  // The others of these cannot, or the how-to does not say how.
  if (setUp === setUpKeycloak)
    visit('are out here when an administrator of the provider has ended their sessions', async (visitor, at) => {
      await signIn(visitor, at.provider, admin)
      expect((await visitor.me()).status).toBe(200)
      if (!at.provider.endSessionsOf) throw new RangeError('Keycloak can')
      await at.provider.endSessionsOf(admin)
      await expect.poll(async () => (await visitor.me()).status, { timeout: 10_000 }).toBe(401)
    })

  visit('sign out, here and at the provider', async (visitor, at) => {
    const { page } = visitor
    await signIn(visitor, at.provider, admin)
    const before = await page.context().cookies(at.address)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await at.provider.signOut?.(page)
    await visitor.comesBack()
    expect((await visitor.me()).status).toBe(401)
    // Whoever kept the cookie has nothing.
    await page.context().addCookies(before.filter(({ name }) => name === 'tillflow'))
    expect((await visitor.me()).status).toBe(401)
  })
})
