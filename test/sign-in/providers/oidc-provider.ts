import { randomBytes } from 'node:crypto'
import { chooseFreePort } from '../../../src/database/embedded/free-port.ts'
import { startProvider } from '../../people/provider.ts'
import type { SetUp } from './provider.ts'

/** `oidc-provider` in a process of its own; the groups stand where Keycloak has realm roles, inside another claim. */
export const setUpOidcProvider: SetUp = async ({ people, howTo }) => {
  const issuer = `http://127.0.0.1:${await chooseFreePort()}`
  const client = { clientId: 'tillflow', clientSecret: randomBytes(24).toString('base64url') }
  const { stop } = await startProvider({
    ...{ issuer, hub: howTo.hubAddress, ...client, asksForPassword: true },
    people: Object.fromEntries(
      people.map(({ name, displayName, groups, password }) => [name, { name: displayName, groups, password }]),
    ),
  })
  return {
    settings: { signInIssuer: issuer, signInClientId: client.clientId, signInGroupsClaim: 'realm_access.roles' },
    clientSecret: client.clientSecret,
    async signIn(page, person) {
      await page.getByLabel('Name').fill(person.name)
      await page.getByLabel('Password').fill(person.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    seesRefusal: (page) => page.getByText('Wrong name or password.').waitFor(),
    async signOut(page) {
      await page.getByRole('button', { name: 'Yes, sign me out' }).click()
    },
    remove: stop,
  }
}
