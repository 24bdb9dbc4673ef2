import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CookieClient } from './cookie-client.ts'
import { type HubWithProvider, startHubWithProvider } from './hub-with-provider.ts'

let hub: HubWithProvider
beforeAll(async () => {
  hub = await startHubWithProvider()
})
afterAll(() => hub.stop())

describe('a link to the sign-in', () => {
  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'x',
    '/a b',
    `/${'a'.repeat(2_001)}`,
    '/%0d%0aset-cookie:x',
  ])('leads nowhere but to the hub: %s', async (path) => {
    const encoded = path.includes('%') ? path : encodeURIComponent(path)
    const page = await new CookieClient().once('GET', hub.at(`/auth/sign-in?return=${encoded}`))
    expect(page.status).toBe(422)
    expect(page.location).toBeUndefined()
    expect(page.body).not.toContain('evil')
  })
})

describe('what a browser brings back', () => {
  /** As far as the address to which the provider sends the browser back. */
  async function answered(browser: CookieClient): Promise<string> {
    const { url } = await hub.begin(browser)
    let answer = await browser.once('POST', url, { 'content-type': 'application/x-www-form-urlencoded' }, 'name=ada')
    while (!answer.location?.startsWith(hub.at('/auth/callback')))
      answer = await browser.once('GET', answer.location ?? '')
    return answer.location
  }

  it.each<[string, (url: URL) => void]>([
    ['another state', (url) => url.searchParams.set('state', randomBytes(32).toString('base64url'))],
    ['no state', (url) => url.searchParams.delete('state')],
    ['two states', (url) => url.searchParams.append('state', 'x')],
  ])('is not taken with %s', async (_name, change) => {
    const browser = new CookieClient()
    const right = await answered(browser)
    const url = new URL(right)
    change(url)
    const page = await browser.get(url.href)
    expect(page.status).toBe(400)
    expect(page.body).toContain('sign-in-expired')
    expect((await hub.me(browser)).status).toBe(401)
    // The control: it was the state that was wrong.
    expect((await browser.get(right)).status).toBe(200)
    expect((await hub.me(browser)).status).toBe(200)
  })

  it('is not taken in another browser, which has begun nothing, or something else', async () => {
    const attacker = await answered(new CookieClient())
    const victim = new CookieClient()
    expect((await victim.get(attacker)).body).toContain('sign-in-expired')
    await hub.begin(victim)
    expect((await victim.get(attacker)).body).toContain('sign-in-expired')
    victim.put(hub.at('/'), 'tillflow-sign-in', 'A'.repeat(400))
    expect((await victim.get(attacker)).body).toContain('sign-in-expired')
    expect((await hub.me(victim)).status).toBe(401)
  })

  it('is taken once: the same code again signs nobody in', async () => {
    const browser = new CookieClient()
    const url = await answered(browser)
    const state = browser.cookiesFor(hub.at('/'))['tillflow-sign-in'] ?? ''
    expect((await browser.get(url)).status).toBe(200)
    const thief = new CookieClient()
    thief.put(hub.at('/'), 'tillflow-sign-in', state)
    const page = await thief.get(url)
    expect(page.status).toBe(401)
    expect(page.body).toContain('sign-in-failed')
    expect((await hub.me(thief)).status).toBe(401)
  })
})
