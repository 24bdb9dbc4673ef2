import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Problem } from '../contract/problem.ts'
import { loadSettings } from '../settings/load-settings.ts'
import { createTestDatabase } from '../testing/database/test-database.ts'
import type { TestDatabase } from '../testing/database/test-server.ts'
import { examine } from './examine.ts'
import { withDatabase } from './open-database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
})
afterAll(() => database.drop())

function settingsWith(change: (url: URL) => void = () => {}) {
  const url = new URL(database.url)
  change(url)
  // An environment of nothing, and any free port: what is looked at is the database.
  return loadSettings({ environment: {}, overrides: { databaseUrl: String(url), httpPort: 0, evaluation: true } })
    .settings
}

const problemOf = (result: Promise<unknown>) =>
  result.then(
    () => expect.unreachable(),
    ({ code, message }: Problem) => ({ code, message }),
  )

describe('the database of a command', () => {
  it('is there for the work, and its connections end with it', async () => {
    const pool = await withDatabase(settingsWith(), async (given) => {
      expect((await given.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      return given
    })
    expect([pool.ended, pool.totalCount]).toEqual([true, 0])
  })

  it('that is not there is told apart from one that lacks our tables', async () => {
    const elsewhere = settingsWith((url) => {
      url.pathname = '/no_such_database'
    })
    expect(await problemOf(withDatabase(elsewhere, async () => {}))).toEqual({
      code: 'settings-invalid',
      message: 'databaseUrl: the server refuses the account or the database (3D000).',
    })
    expect(await problemOf(withDatabase(settingsWith(), (pool) => pool.query('select * from transactions')))).toEqual({
      code: 'database-migration',
      message: 'Tables are missing: run tillflow migrate.',
    })
  })

  it('leaves every other error of the work as it is', async () => {
    const failure = new Error('mine')
    await expect(withDatabase(settingsWith(), () => Promise.reject(failure))).rejects.toBe(failure)
  })
})

describe('doctor', () => {
  it('says the version of the database, what it promises and how far the clocks are apart', async () => {
    const checks = await examine(() => settingsWith())
    expect(checks.find(({ name }) => name === 'database')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^PostgreSQL \d+\.\d+; what is acknowledged survives (nothing|a crash|a failover)/),
    })
    expect(checks.find(({ name }) => name === 'clock')).toMatchObject({ ok: true })
  })

  it('finds a database that cannot be used, and does not show its password', async () => {
    const checks = await examine(() =>
      settingsWith((url) => {
        url.pathname = '/no_such_database'
        url.password = url.password || 'hunter2'
      }),
    )
    const found = checks.find(({ name }) => name === 'database')
    expect(found).toMatchObject({ ok: false, advice: 'Check databaseUrl and the server.' })
    expect(found?.detail).not.toContain('hunter2')
  })
})
