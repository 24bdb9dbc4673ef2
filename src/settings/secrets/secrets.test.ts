import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isProblem } from '../../contract/problem.ts'
import { loadSettings } from '../load-settings.ts'
import { sourceAccounts } from '../source-accounts.ts'
import { readSecret } from './index.ts'
import { findWeakSecrets, refuseWeakSecrets } from './weak-secrets.ts'

const directory = mkdtempSync(join(tmpdir(), 'tillflow-secrets-'))
afterAll(() => rmSync(directory, { recursive: true }))

const strong = 'q7Vd0pXw2LkZr9TnYc5B'
const file = (text: string) => {
  const path = join(directory, `secret-${Math.random()}`)
  writeFileSync(path, text)
  return path
}
const problemOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (isProblem(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('where a secret is kept', () => {
  it('is a file, a variable, or the setting itself', () => {
    process.env.SECRET_OF_THIS_TEST = 'from the environment'
    expect(readSecret('x', `file:${file('from a file\n')}`)).toBe('from a file')
    expect(readSecret('x', 'env:SECRET_OF_THIS_TEST')).toBe('from the environment')
    expect(readSecret('x', 'in clear')).toBe('in clear')
    expect(readSecret('x', 'plain:env:HOME')).toBe('env:HOME')
    expect(readSecret('x', 'postgres://a:b@c/d')).toBe('postgres://a:b@c/d')
  })

  it.each([
    ['file:relative/path', 'needs an absolute path'],
    ['file:/nowhere/hunter2', 'cannot be read'],
    [`file:${file('')}`, 'is not there'],
    [`file:${file('x'.repeat(70_000))}`, 'is not there'],
    ['env:NOT_THERE_hunter2', 'is not there'],
    ['env:not a name', 'needs the name of a variable'],
  ])('%s is refused without a word of what it says', (text, words) => {
    const problem = problemOf(() => readSecret('busUrl', text))
    expect(problem.code).toBe('settings-invalid')
    expect(problem.message).toContain(`busUrl`)
    expect(problem.message).toContain(words)
    expect(problem.message).not.toContain('hunter2')
  })

  it('is read before the form of the setting is looked at, for vendors too', () => {
    const { settings } = loadSettings({
      environment: { TILLFLOW_DATABASE_URL: `file:${file('postgres://u:p@db.example/hub')}` },
      overrides: {
        sourceAccounts: [{ source: 'shopify', account: 'a', webhookSecrets: [`file:${file(strong)}`] }],
      },
    })
    expect(settings.databaseUrl.reveal()).toBe('postgres://u:p@db.example/hub')
    const [account] = sourceAccounts(settings, ['shopify'])
    expect(account?.secrets.map((secret) => secret.reveal())).toEqual([strong])
    const wrong = { environment: { TILLFLOW_DATABASE_URL: `file:${file('hunter2')}` } }
    expect(problemOf(() => loadSettings(wrong)).message).not.toContain('hunter2')
  })
})

describe('a weak secret', () => {
  const connectors = [
    {
      name: 'shop',
      settings: ['apiKey', 'password'].map((name) => ({ name, kind: 'secret' })).concat({ name: 'url', kind: 'url' }),
    },
  ]
  const load = (overrides: object) => loadSettings({ environment: {}, overrides }).settings
  const target = (settings: object, more: object = {}) => ({
    targets: [{ name: 'erp', connector: 'shop', settings, ...more }],
  })

  it.each<[string, object]>([
    ['apiKey', target({ apiKey: 'k7Vd0pXw2LkZr9T' })],
    ['apiKey', target({ apiKey: 'changeme-changeme-changeme' })],
    ['apiKey', target({ apiKey: 'Password123Password123' })],
    ['apiKey', target({ apiKey: '12345678901234567890' })],
    ['apiKey', target({ apiKey: strong }, { canary: { percent: 1, settings: { apiKey: 'short' } } })],
    ['password', target({ password: 'admin' })],
    ['password', target({ password: 'admin', url: 'https://127.0.0.1.erp.example' })],
    ['apiKey', target({ apiKey: `file:${file('secret')}` })],
    ['sourceAccounts[0]', { sourceAccounts: [{ source: 'shopify', account: 'a', webhookSecrets: ['eightlet'] }] }],
    ['databaseUrl', { databaseUrl: 'postgres://hub:postgres@db.example/hub' }],
    ['busUrl', { busEngine: 'rabbitmq', busUrl: 'amqp://guest:guest@broker.example' }],
    ['masterKey', { masterKey: `${'A'.repeat(43)}=` }],
  ])('%s is named, keeps the hub from starting, and is not shown: %j', (place, overrides) => {
    const problem = problemOf(() => refuseWeakSecrets(load(overrides), connectors))
    expect(problem.code).toBe('secret-too-weak')
    expect(problem.message).toContain(place)
    expect(problem.message).not.toMatch(/changeme|Password123|k7Vd0|eightlet|guest|12345|AAAA/)
    expect(() => refuseWeakSecrets(load({ ...overrides, evaluation: true }), connectors)).not.toThrow()
  })

  it.each<[object]>([
    [{}],
    [target({ apiKey: strong, password: 'tr0ub4dor&3', url: 'https://secret' })],
    [target({ apiKey: '9f86d081884c7d659a2feaa0c55ad015' })],
    [target({ password: 'admin', url: 'http://127.0.0.1:8000' })],
    [{ databaseUrl: 'postgres://postgres:postgres@127.0.0.1:5432/hub' }],
    [{ databaseUrl: 'postgres://hub@db.example/hub' }],
    [{ busEngine: 'kafka', busUrl: 'broker-1.example:9092,broker-2.example:9092' }],
  ])('is none of %j', (overrides) => {
    expect(findWeakSecrets(load(overrides), connectors)).toEqual([])
  })
})
