import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { listSettings } from './list-settings.ts'
import { loadSettings } from './load-settings.ts'
import { Secret } from './secret.ts'

describe('a secret', () => {
  it('is given only to the one who asks for it', () => {
    const secret = new Secret('hunter2')
    const shown = [String(secret), `${secret}`, JSON.stringify({ secret }), inspect({ a: { secret } }), inspect(secret)]
    expect(shown.join()).not.toContain('hunter2')
    expect(shown.every((text) => text.includes('[redacted]'))).toBe(true)
    expect(secret.reveal()).toBe('hunter2')
  })

  it('does not appear in the list of settings, not even inside a target', () => {
    const loaded = loadSettings({
      environment: { TILLFLOW_MASTER_KEY: 'hunter2' },
      overrides: {
        databaseUrl: 'postgres://u:hunter2@h/d',
        targets: [{ name: 'erp', connector: 'webhook', settings: { secret: 'hunter2' } }],
      },
    })
    const listed = listSettings(loaded)
    expect(JSON.stringify(listed)).not.toContain('hunter2')
    expect(listed.find(({ name }) => name === 'databaseUrl')).toMatchObject({ value: '[redacted]', origin: 'flag' })
    expect(listed.find(({ name }) => name === 'targets')).toMatchObject({ value: '1 listed' })
  })
})
