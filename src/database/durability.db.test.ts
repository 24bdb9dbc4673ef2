import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase } from '../testing/database/test-database.ts'
import type { TestDatabase } from '../testing/database/test-server.ts'
import { checkDurability } from './durability.ts'

let database: TestDatabase
let databaseName: string

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false })
  databaseName = new URL(database.url).pathname.slice(1)
})
afterEach(() => database.drop())

const check = (evaluation = false) => checkDurability(database.pool, { evaluation })

it('accepts a server with its default settings and promises to survive a crash', async () => {
  expect(await check()).toEqual({
    survives: 'crash',
    serverVersion: expect.stringMatching(/^\d+/),
    synchronousStandbyNames: '',
    unsafeSettings: [],
  })
})

it('refuses synchronous_commit = off that was set for the database', async () => {
  await database.pool.query(`ALTER DATABASE ${databaseName} SET synchronous_commit = off`)
  await expect(check()).rejects.toMatchObject({
    code: 'database-unsafe',
    message: expect.stringContaining('synchronous_commit = off'),
  })
})

it('refuses synchronous_commit = off that was set for the role', async () => {
  await database.pool.query(`ALTER ROLE CURRENT_USER IN DATABASE ${databaseName} SET synchronous_commit = off`)
  await expect(check()).rejects.toMatchObject({ code: 'database-unsafe' })
})

it('is not deceived by a session that was switched on while new ones are off', async () => {
  await database.pool.query('SET synchronous_commit = on')
  await database.pool.query(`ALTER DATABASE ${databaseName} SET synchronous_commit = off`)
  await expect(check()).rejects.toMatchObject({ code: 'database-unsafe' })
})

it('lets an evaluation run with unsafe settings, and says that it promises nothing', async () => {
  await database.pool.query(`ALTER DATABASE ${databaseName} SET synchronous_commit = off`)
  expect(await check(true)).toMatchObject({ survives: 'nothing', unsafeSettings: ['synchronous_commit = off'] })
})
