import { randomUUID } from 'node:crypto'
import { requireService } from '../../peers/require-service.ts'
import { callJson } from './call-json.ts'
import type { Person, SetUp } from './provider.ts'

/**
 * A realm of its own in a real Keycloak. The client is the one of the how-to, imported as it stands there; its secret is made by
 * Keycloak.
 */
export const setUpKeycloak: SetUp = async ({ people, howTo }) => {
  const address = await requireService('keycloak')
  if (address === undefined) return undefined
  const { url = '', user = '', password = '' } = address
  const admin = `${url}/admin/realms`
  const headers = { authorization: `Bearer ${await tokenOfAdmin(url, user, password)}` }
  const realm = `tillflow-${randomUUID().slice(0, 8)}`
  await callJson(admin, { method: 'POST', headers, body: realmOf(realm, people) })
  const [client] = howTo.json<{ clientId: string }>('Keycloak')
  const made = await callJson(`${admin}/${realm}/clients`, { method: 'POST', headers, body: client })
  const location = made.headers.get('location') ?? ''
  const secret = (await callJson(`${location}/client-secret`, { headers })).json() as { value: string }
  return {
    settings: { signInIssuer: `${url}/realms/${realm}`, signInClientId: client?.clientId ?? '' },
    clientSecret: secret.value,
    async signIn(page, person) {
      await page.getByLabel('Username or email').fill(person.name)
      await page.getByLabel('Password', { exact: true }).fill(person.password)
      await page.getByRole('button', { name: 'Sign In' }).click()
    },
    seesRefusal: (page) => page.getByText('Invalid username or password.').waitFor(),
    async endSessionsOf({ name }) {
      const again = { authorization: `Bearer ${await tokenOfAdmin(url, user, password)}` }
      const found = await callJson(`${admin}/${realm}/users?exact=true&username=${name}`, { headers: again })
      const [person] = found.json() as { id: string }[]
      await callJson(`${admin}/${realm}/users/${person?.id}/logout`, { method: 'POST', headers: again })
    },
    remove: async () => {
      const again = { authorization: `Bearer ${await tokenOfAdmin(url, user, password)}` }
      await callJson(`${admin}/${realm}`, { method: 'DELETE', headers: again })
    },
  }
}

async function tokenOfAdmin(url: string, username: string, password: string): Promise<string> {
  const form = { grant_type: 'password', client_id: 'admin-cli', username, password }
  const answer = await callJson(`${url}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  })
  return (answer.json() as { access_token: string }).access_token
}

function realmOf(realm: string, people: readonly Person[]) {
  return {
    realm,
    enabled: true,
    groups: [...new Set(people.flatMap(({ groups }) => groups))].map((name) => ({ name })),
    users: people.map(({ name, password, displayName, email, groups }) => {
      const [firstName, ...rest] = displayName.split(' ')
      return {
        username: name,
        ...{ firstName, lastName: rest.join(' '), email, emailVerified: true, enabled: true },
        credentials: [{ type: 'password', value: password, temporary: false }],
        groups: groups.map((group) => `/${group}`),
      }
    }),
  }
}
