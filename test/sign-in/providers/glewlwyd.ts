import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { requireService } from '../../peers/require-service.ts'
import { callJson } from './call-json.ts'
import type { Person, SetUp } from './provider.ts'

/**
 * An OpenID Connect instance of its own in a real Glewlwyd, made from the blocks of the how-to. Names of people and of the client are
 * those of the whole server, and get an ending.
 */
export const setUpGlewlwyd: SetUp = async ({ people, howTo }) => {
  const address = await requireService('glewlwyd')
  if (address === undefined) return undefined
  const { url = '', user = '', password = '' } = address
  const ending = randomUUID().slice(0, 8)
  const headers = { cookie: await cookieOf(url, user, password) }
  const send = (method: string, path: string, body?: unknown) =>
    callJson(`${url}/api${path}`, { method, headers, ...(body !== undefined && { body }) })
  const [users, scope, plugin, client, settings] = howTo.json<Record<string, unknown>>('Glewlwyd')
  const clientSecret = randomBytes(24).toString('hex')
  const [pluginName, clientId] = [`oidc-${ending}`, `tillflow${ending}`]
  const issuer = `${url}/api/${pluginName}`

  await send('PUT', '/mod/user/database', users)
  await send('PUT', '/mod/user/database/reset')
  await send('POST', '/scope', scope).catch(() => send('PUT', `/scope/${scope?.name}`, scope))
  await send('POST', '/mod/plugin', { ...plugin, name: pluginName, parameters: signedBy(plugin, issuer) })
  await send('POST', '/client', { ...client, client_id: clientId, password: clientSecret })
  for (const person of people) await send('POST', '/user', userOf(person, ending))
  return {
    settings: { signInIssuer: issuer, signInClientId: clientId, ...settings },
    clientSecret,
    async signIn(page, person) {
      await page.locator('#username').fill(`${person.name}-${ending}`)
      await page.locator('#password').fill(person.password)
      const answered = page.waitForResponse((answer) => answer.url() === `${url}/api/auth/`)
      await page.locator('#loginbut').click()
      if ((await answered).ok()) await page.getByRole('button', { name: 'Continue' }).click()
    },
    seesRefusal: (page) => page.getByText('Authentication error').waitFor(),
    remove: async () => {
      for (const { name } of people) await send('DELETE', `/user/${name}-${ending}`)
      await send('DELETE', `/client/${clientId}`)
      await send('DELETE', `/mod/plugin/${pluginName}`)
    },
  }
}

async function cookieOf(url: string, username: string, password: string): Promise<string> {
  const answer = await callJson(`${url}/api/auth/`, { method: 'POST', body: { username, password } })
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

function signedBy(plugin: Record<string, unknown> | undefined, issuer: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const cert = publicKey.export({ type: 'spki', format: 'pem' })
  return { ...(plugin?.parameters as object), iss: issuer, key, cert }
}

function userOf({ name, password, displayName, email, groups }: Person, ending: string) {
  return {
    username: `${name}-${ending}`,
    ...{ name: displayName, password, email, enabled: true, groups: [...groups] },
    scope: ['g_profile', 'openid'],
  }
}
