import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { isProblem } from '../contract/problem.ts'
import type { Definition } from './definition.ts'
import { definitions, type SettingName } from './definitions.ts'
import { type LoadOptions, loadSettings, variableOf } from './load-settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'tillflow-settings-'))
afterAll(() => rmSync(directory, { recursive: true }))

function fileWith(content: unknown): string {
  const file = join(directory, `${Math.random()}.json`)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const empty = fileWith({})

function load(options: LoadOptions) {
  return loadSettings({ environment: {}, file: empty, ...options })
}

function complaintOf(options: LoadOptions): string {
  try {
    load(options)
  } catch (error) {
    if (isProblem(error) && error.code === 'settings-invalid') return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

describe('where a value comes from', () => {
  it('flag wins over environment, environment over file, file over default', () => {
    const file = fileWith({ httpPort: 1, httpHost: 'file', batchLinesMax: 3 })
    const environment = { TILLFLOW_HTTP_PORT: '2', TILLFLOW_HTTP_HOST: 'environment' }
    const { settings, origins } = loadSettings({ environment, file, overrides: { httpPort: '3' } })
    expect([settings.httpPort, settings.httpHost, settings.batchLinesMax, settings.intakeQueueMax]).toEqual([
      3,
      'environment',
      3,
      10_000,
    ])
    expect([origins.httpPort, origins.httpHost, origins.batchLinesMax, origins.intakeQueueMax]).toEqual([
      'flag',
      'environment',
      'file',
      'default',
    ])
  })

  it('reads the file that TILLFLOW_SETTINGS_FILE names', () => {
    const environment = { TILLFLOW_SETTINGS_FILE: fileWith({ httpPort: 8 }) }
    expect(loadSettings({ environment }).settings.httpPort).toBe(8)
  })

  it('passes over flags that were not given', () => {
    expect(load({ overrides: { httpPort: undefined } }).origins.httpPort).toBe('default')
  })

  it('writes a name as a variable with its unit', () => {
    expect(variableOf('deliveryLeaseMs')).toBe('TILLFLOW_DELIVERY_LEASE_MS')
  })
})

describe('every default', () => {
  it.each(Object.entries<Definition>(definitions))('of %s is a value it takes itself', (name, definition) => {
    expect(load({ overrides: { [name]: definition.default } }).origins[name as SettingName]).toBe('flag')
  })
})

describe('what is refused', () => {
  it('a name nobody knows, with the one that was probably meant', () => {
    expect(complaintOf({ file: fileWith({ httpPrt: 1 }) })).toMatch(/no setting httpPrt .*Did you mean httpPort\?/)
    expect(complaintOf({ environment: { TILLFLOW_HTTP_PROT: '1' } })).toMatch(/Did you mean TILLFLOW_HTTP_PORT\?/)
    expect(complaintOf({ environment: { TILLFLOW_COFFEE: '1' } })).not.toContain('Did you mean')
    expect(complaintOf({ file: fileWith('{"__proto__": {}}') })).toContain('no setting __proto__')
  })

  it('leaves the variables of others alone', () => {
    const environment = { PATH: '/bin', TILLFLOWER: '1', TILLFLOW_TOKEN: 'tf_x' }
    expect(load({ environment }).settings.httpPort).toBe(7070)
  })

  it.each([
    [{ httpPort: 65_536 }, 'httpPort must be a whole number from 0 to 65535 (port).'],
    [{ httpPort: '80.5' }, 'httpPort must be a whole number from 0 to 65535 (port).'],
    [{ httpPort: '' }, 'httpPort must be a whole number from 0 to 65535 (port).'],
    [{ requestTimeoutMs: '10s' }, 'requestTimeoutMs must be a whole number from 100 to 60000 (ms).'],
    [{ evaluation: 'yes' }, 'evaluation must be true or false.'],
    [{ logLevel: 'loud' }, 'logLevel must be one of debug, info, warn, error.'],
    [{ roles: 'api,baker' }, 'roles must be one or more of api, delivery, relay, scheduler, separated by commas.'],
    [{ roles: [] }, 'roles must be one or more of api, delivery, relay, scheduler, separated by commas.'],
    [{ defaultCurrency: 'eur' }, 'defaultCurrency must be three capital letters, such as EUR.'],
    [{ businessDayStartsAt: '24:00' }, 'businessDayStartsAt must be HH:MM.'],
    [{ targets: '{"name":"erp"}' }, 'targets must be a list of objects (in the environment: as JSON).'],
    [{ targets: [1] }, 'targets must be a list of objects (in the environment: as JSON).'],
    [{ httpHost: 7 }, 'httpHost must be text.'],
    [{ deliveryLeaseMs: 10_000, deliveryAttemptTimeoutMs: 5_001 }, 'deliveryAttemptTimeoutMs must be at most half'],
    [{ deliveryBackoffBaseMs: 60_000, deliveryBackoffMaxMs: 1 }, 'deliveryBackoffBaseMs must be at most'],
  ])('%j', (overrides, complaint) => {
    expect(complaintOf({ overrides })).toContain(complaint)
  })

  it.each(['', 'not json', '[]', 'null'])('a settings file with %j', (content) => {
    expect(complaintOf({ file: fileWith(content) })).toContain('is not')
  })

  it('a settings file that was named and is not there', () => {
    expect(complaintOf({ file: join(directory, 'absent.json') })).toContain('cannot be read')
  })

  it('no complaint repeats a secret', () => {
    for (const databaseUrl of ['mysql://u:hunter2@h/d', 'hunter2', 'postgres://u:hunter2@[h/d'])
      expect(complaintOf({ overrides: { databaseUrl } })).not.toContain('hunter2')
  })

  it('an integer is taken exactly when it lies in its range', () => {
    const { minimum, maximum } = definitions.deliveryPollMs
    const taken = (value: unknown) => {
      try {
        return load({ overrides: { deliveryPollMs: value } }).settings.deliveryPollMs
      } catch {
        return undefined
      }
    }
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const expected = value >= minimum && value <= maximum ? value : undefined
        expect(taken(value)).toBe(expected)
        expect(taken(String(value))).toBe(expected)
      }),
      { numRuns: 50 },
    )
  })
})
