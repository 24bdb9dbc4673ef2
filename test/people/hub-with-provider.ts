import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { chooseFreePort } from '../../src/database/embedded/free-port.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestApi } from '../identity/api.ts'
import { type Answer, CookieClient } from './cookie-client.ts'
import { startProvider } from './provider.ts'

export const people = {
  ada: { name: 'Ada <b>Admin</b>', groups: ['admins', 'staff'] },
  nora: { name: 'Nora North', groups: ['north'] },
  zoe: { name: 'Zoe Nobody', groups: ['staff'] },
  uma: { name: 'Uma Userinfo', groups: ['staff', 'north'], groupsInUserinfoOnly: true },
} as const
export const sessionIdleMs = 120_000

export type HubWithProvider = Awaited<ReturnType<typeof startHubWithProvider>>

/** A hub whose people sign in at a provider in a process of its own. */
export async function startHubWithProvider() {
  const database = await createTestDatabase()
  const issuer = `http://127.0.0.1:${await chooseFreePort()}`
  const clientSecret = randomBytes(24).toString('base64url')
  const api = await startTestApi(database, {
    ...{ signIn: 'external', signInIssuer: issuer, signInClientId: 'tillflow', signInClientSecret: clientSecret },
    ...{ signInAllowPrivateNetwork: true, signInGroupsClaim: 'realm_access.roles', sessionIdleMs },
    signInGroups: [
      { group: 'admins', role: 'admin' },
      { group: 'north', role: 'operator', region: 'north' },
    ],
    stores: [
      { businessUnitId: '9', region: 'north' },
      { businessUnitId: '10', region: 'south' },
    ],
  })
  const provider = await startProvider({ issuer, hub: api.address, clientId: 'tillflow', clientSecret, people })
  const at = (path: string) => `${api.address}${path}`

  /** As far as the page of the provider. */
  const begin = async (browser: CookieClient, path = '/auth/sign-in'): Promise<Answer> => {
    const page = await browser.get(at(path))
    expect(page).toMatchObject({ status: 200, body: 'Who are you?' })
    return page
  }
  return {
    ...{ database, api, issuer, at, begin },
    signIn: async (name: keyof typeof people, path?: string) => {
      const browser = new CookieClient()
      const { url } = await begin(browser, path)
      return { browser, page: await browser.submit(url, { name }) }
    },
    me: async (browser: CookieClient) => {
      const answer = await browser.once('GET', at('/auth/me'))
      return { status: answer.status, body: JSON.parse(answer.body) }
    },
    /** Fails where something was answered that the API document does not declare. */
    stop: async () => {
      expect(api.complaints()).toEqual([])
      await provider.stop()
      await api.close()
      await database.drop()
    },
  }
}
