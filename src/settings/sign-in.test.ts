import { describe, expect, it } from 'vitest'
import { loadSettings } from './load-settings.ts'
import { signInSettings } from './sign-in.ts'

const external = {
  signIn: 'external',
  signInIssuer: 'https://login.example/realms/shop',
  signInClientId: 'tillflow',
  signInClientSecret: 'hunter2-is-no-secret-of-anybody',
}
const read = (overrides: Record<string, unknown>) =>
  signInSettings(loadSettings({ environment: {}, overrides }).settings, (word) => word === 'viewer')

describe('where people sign in', () => {
  it('is at the hub, unless its authorization server is off', () => {
    expect(read({})).toBe('embedded')
    expect(read({ authorizationServer: 'none' })).toBe('none')
    expect(read({ signIn: 'none' })).toBe('none')
  })

  it('is a provider whose groups mean roles, several for one group', () => {
    const groups = [
      { group: 'staff', role: 'viewer' },
      { group: 'staff', role: 'viewer', region: 'north' },
    ]
    expect(read({ ...external, signInGroups: groups })).toMatchObject({
      issuer: external.signInIssuer,
      groupsClaim: 'groups',
      grantsByGroup: new Map([['staff', [{ role: 'viewer' }, { role: 'viewer', region: 'north' }]]]),
    })
  })

  it.each<[Record<string, unknown>, string]>([
    [{ signInIssuer: '' }, 'signInIssuer must name the provider'],
    [{ signInIssuer: 'http://login.example' }, 'signInIssuer must be https'],
    [{ signInIssuer: 'login.example' }, 'signInIssuer must be'],
    [{ signInClientId: '' }, 'signInClientId must be set'],
    [{ signInClientSecret: '' }, 'One of signInClientSecret and signInClientKey'],
    [{ signInClientKey: 'hunter2' }, 'signInClientKey must be'],
    [{ signInScopes: 'profile' }, 'signInScopes must be'],
    [{ signInGroupsClaim: 'a..b' }, 'signInGroupsClaim must be'],
    [{ signInGroups: [{ role: 'viewer' }] }, 'signInGroups[0] needs group'],
    [{ signInGroups: [{ group: 'hunter2', role: 'root' }] }, 'signInGroups[0] needs a role'],
    [{ signInGroups: [{ group: 'hunter2', role: 'viewer', stores: '9' }] }, 'signInGroups[0] has no field stores'],
  ])('is not %j, and the place is told without the value', (more, words) => {
    const work = () => read({ ...external, ...more })
    expect(work).toThrow(expect.objectContaining({ code: 'settings-invalid', message: expect.stringContaining(words) }))
    expect(work).not.toThrow(expect.objectContaining({ message: expect.stringContaining('hunter2') }))
  })
})
