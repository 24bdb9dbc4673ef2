import { randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestApi } from '../identity/api.ts'
import { CookieClient } from './cookie-client.ts'
import { keyId, startForgingProvider } from './forging-provider.ts'

export const clientId = 'tillflow'
// Without what is escaped in a header (RFC 6749, 2.3.1).
export const clientSecret = randomBytes(24).toString('hex')
export const nowSeconds = () => Math.floor(Date.now() / 1_000)
export type Claims = Record<string, unknown>

export type HubWithForgingProvider = Awaited<ReturnType<typeof startHubWithForgingProvider>>

/** A hub whose provider says whatever a test has it say. */
export async function startHubWithForgingProvider() {
  const database = await createTestDatabase()
  const provider = await startForgingProvider()
  const api = await startTestApi(database, {
    ...{
      signIn: 'external',
      signInIssuer: provider.issuer,
      signInClientId: clientId,
      signInClientSecret: clientSecret,
    },
    ...{ signInAllowPrivateNetwork: true, failedCredentialsPerMinute: 0 },
    signInGroups: [{ group: 'admins', role: 'admin' }],
  })

  const claimsOf = (nonce: string, more: Claims = {}): Claims => ({
    ...{ iss: provider.issuer, aud: clientId, sub: 'ada', nonce, iat: nowSeconds(), exp: nowSeconds() + 300 },
    ...{ groups: ['admins'], name: 'Ada' },
    ...more,
  })
  /** A claim that is undefined is not there. */
  const sign = async (claims: Claims, { key = provider.privateKey, ...more }: SignOptions = {}) => {
    const given = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
    return new SignJWT(given).setProtectedHeader({ alg: 'ES256', kid: keyId, ...more }).sign(key)
  }
  return {
    ...{ database, provider, api, claimsOf, sign },
    /** Signs in with an ID token of the test; the browser does nothing wrong. */
    signInWith: async (make: (nonce: string) => string | Promise<string>, more: Claims = {}) => {
      const browser = new CookieClient()
      const begun = await browser.once('GET', `${api.address}/auth/sign-in`)
      const asked = new URL(begun.location ?? '').searchParams
      const idToken = await make(asked.get('nonce') ?? '')
      provider.answerWith({
        body: { access_token: 'opaque', token_type: 'Bearer', ...(idToken !== '' && { id_token: idToken }), ...more },
      })
      const callback = new URLSearchParams({ code: 'a-code', state: asked.get('state') ?? '' })
      const page = await browser.once('GET', `${api.address}/auth/callback?${callback}`)
      const isIn = async () => (await browser.once('GET', `${api.address}/auth/me`)).status === 200
      return { page, isIn: await isIn(), isStillIn: isIn, asked, browser }
    },
    sessions: async () => Number((await database.pool.query('select count(*) from identity_sessions')).rows[0].count),
    stop: async () => {
      await api.close()
      await provider.close()
      await database.drop()
    },
  }
}

interface SignOptions {
  alg?: string
  kid?: string
  typ?: string
  key?: Parameters<SignJWT['sign']>[0]
}
