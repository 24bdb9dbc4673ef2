import { describe, expect, it } from 'vitest'
import { Problem } from '../contract/problem.ts'
import { loadSettings } from './load-settings.ts'
import { sourceAccounts } from './source-accounts.ts'

const read = (...entries: unknown[]) =>
  sourceAccounts(loadSettings({ environment: {}, overrides: { sourceAccounts: entries } }).settings, ['shopify'])

const shop = { source: 'shopify', account: 'shop.example' }

describe('the accounts at vendors', () => {
  it('map the locations of the vendor to our stores, and what has no location to the online store', () => {
    const [account] = read({ ...shop, locations: { '655441491': '9' }, onlineStore: 'web' })
    expect(account?.storeOf('655441491')).toBe('9')
    expect(account?.storeOf(undefined)).toBe('web')
    expect(account?.storeOf('1')).toBeUndefined()
    expect(account?.storeOf('constructor')).toBeUndefined()
  })

  it('have no store for online sales where none is named', () =>
    expect(read(shop)[0]?.storeOf(undefined)).toBeUndefined())

  it('go by all their names', () => {
    expect(read({ ...shop, alsoKnownAs: ['old.example'] })[0]?.names).toEqual(['shop.example', 'old.example'])
  })

  it('do not show their secrets', () => {
    const accounts = read({ ...shop, webhookSecrets: ['shpss_first', 'shpss_second'] })
    expect(accounts[0]?.secrets.map((secret) => secret.reveal())).toEqual(['shpss_first', 'shpss_second'])
    expect(JSON.stringify(accounts)).not.toContain('shpss')
  })

  it.each<[string, unknown[]]>([
    ['a field that does not exist', [{ ...shop, secret: 'x' }]],
    ['a source that reads no accounts', [{ ...shop, source: 'poslog' }]],
    ['no account', [{ source: 'shopify' }]],
    ['an account that is listed again', [shop, { ...shop, onlineStore: 'web' }]],
    ['a name of another account', [shop, { source: 'shopify', account: 'b', alsoKnownAs: ['shop.example'] }]],
    ['secrets that are no list', [{ ...shop, webhookSecrets: 'shpss_first' }]],
    ['a secret that anybody could guess', [{ ...shop, webhookSecrets: ['x'] }]],
    ['an address that is none', [{ ...shop, notificationUrl: 'here' }]],
    ['locations as a list', [{ ...shop, locations: ['9'] }]],
    ['a location without a store', [{ ...shop, locations: { '1': '' } }]],
    ['an online store that is no identifier', [{ ...shop, onlineStore: 'the web' }]],
  ])('are refused with %s', (_name, entries) => expect(() => read(...entries)).toThrow(Problem))
})
