import { describe, expect, it } from 'vitest'
import { loadSettings } from './load-settings.ts'
import { trustedIssuers } from './trusted-issuers.ts'

const entry = { name: 'shop', issuer: 'https://login.example/realms/shop', audience: 'https://hub.example' }
const read = (...list: object[]) =>
  trustedIssuers(loadSettings({ environment: {}, overrides: { trustedIssuers: list } }).settings)

describe('trusted issuers', () => {
  it('have defaults that let nobody in who does not say what they may do, in words of ours', () => {
    expect(read(entry)).toEqual([{ ...entry, typ: 'at+jwt', scopesClaim: 'scope', allowPrivateNetwork: false }])
  })

  it('keep what is said of their claims', () => {
    const more = { typ: 'JWT', scopesClaim: 'roles', scopes: { till: ['transactions:write'] }, storesClaim: 'stores' }
    expect(read({ ...entry, ...more, jwksUri: 'https://login.example/keys' })[0]).toMatchObject(more)
  })

  it.each<[string, object[]]>([
    ['no field secret', [{ ...entry, secret: 'hunter2' }]],
    ['a name', [{ ...entry, name: 'Shop 1' }]],
    ['issuer as a URL', [{ ...entry, issuer: 'login.example' }]],
    ['an audience', [{ ...entry, audience: '' }]],
    ['jwksUri as a URL', [{ ...entry, jwksUri: 'file:///etc/passwd' }]],
    ['typ as', [{ ...entry, typ: 'any' }]],
    ['scopes as', [{ ...entry, scopes: { till: 'transactions:write' } }]],
    ['storesClaim as', [{ ...entry, storesClaim: 7 }]],
    ['of another one', [entry, entry]],
  ])('are refused with the place and what is needed: %s', (words, list) => {
    const refusal = expect.objectContaining({ code: 'settings-invalid', message: expect.stringContaining(words) })
    expect(() => read(...list)).toThrow(refusal)
    expect(() => read(...list)).not.toThrow(expect.objectContaining({ message: expect.stringContaining('hunter2') }))
  })
})
