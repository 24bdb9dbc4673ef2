import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../contract/logger.ts'
import { createTestDatabase } from '../testing/database/test-database.ts'
import type { TestDatabase } from '../testing/database/test-server.ts'
import { migrate } from './migrate.ts'

const logger = silentLogger

describe('migrate', () => {
  let database: TestDatabase
  let directory: string

  beforeEach(async () => {
    database = await createTestDatabase({ migrated: false })
    directory = await mkdtemp(join(tmpdir(), 'tillflow-migrations-'))
    await write('0001-shops.sql', 'CREATE TABLE shop (id text PRIMARY KEY);')
    await write('0002-tills.sql', 'CREATE TABLE till (shop_id text REFERENCES shop); CREATE INDEX ON till (shop_id);')
  })

  afterEach(async () => {
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  })

  const write = (name: string, sql: string) => writeFile(join(directory, name), sql)
  const run = () => migrate(database.pool, { directory, logger })
  const tables = async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    )
    return rows.map(({ name }) => name)
  }

  it('applies every file once and in order', async () => {
    expect(await run()).toEqual({ applied: ['0001-shops.sql', '0002-tills.sql'], current: '0002-tills.sql' })
    expect(await run()).toEqual({ applied: [], current: '0002-tills.sql' })
    expect(await tables()).toEqual(['schema_migrations', 'shop', 'till'])
  })

  it('lets several starters begin at once and applies each file in one of them', async () => {
    const results = await Promise.all([run(), run(), run()])
    expect(results.flatMap(({ applied }) => applied)).toEqual(['0001-shops.sql', '0002-tills.sql'])
  })

  it('continues after the newest applied file', async () => {
    await run()
    await write('0003-receipts.sql', 'CREATE TABLE receipt (id text);')
    expect(await run()).toEqual({ applied: ['0003-receipts.sql'], current: '0003-receipts.sql' })
  })

  it('keeps nothing of a file that fails, and everything before it', async () => {
    await write('0003-broken.sql', 'CREATE TABLE half (id text); SELECT * FROM nowhere;')
    await expect(run()).rejects.toThrow('Migration 0003-broken.sql failed: relation "nowhere" does not exist')
    expect(await tables()).toEqual(['schema_migrations', 'shop', 'till'])
  })

  it('refuses a file that changed after it was applied', async () => {
    await run()
    await write('0001-shops.sql', 'CREATE TABLE shop (id bigint PRIMARY KEY);')
    await expect(run()).rejects.toMatchObject({
      code: 'database-migration',
      message: expect.stringContaining('0001-shops.sql has changed'),
    })
  })

  it('takes other line ends for the same file', async () => {
    await write('0003-two-lines.sql', 'SELECT 1;\nSELECT 2;\n')
    await run()
    await write('0003-two-lines.sql', 'SELECT 1;\r\nSELECT 2;\r\n')
    expect(await run()).toMatchObject({ applied: [] })
  })

  it('refuses a database that is newer than the program', async () => {
    await run()
    await rm(join(directory, '0002-tills.sql'))
    await expect(run()).rejects.toMatchObject({
      code: 'database-migration',
      message: expect.stringContaining('0002-tills.sql'),
    })
  })

  it('refuses a new file with an old number, a number used twice and a name without one', async () => {
    await run()
    await write('0000-late.sql', 'SELECT 1')
    await expect(run()).rejects.toMatchObject({ message: expect.stringContaining('0000-late.sql is older') })
    await rm(join(directory, '0000-late.sql'))
    await write('0002-again.sql', 'SELECT 1')
    await expect(run()).rejects.toMatchObject({ message: expect.stringContaining('number 0002') })
    await rm(join(directory, '0002-again.sql'))
    await write('stores.sql', 'SELECT 1')
    await expect(run()).rejects.toMatchObject({ message: expect.stringContaining('stores.sql') })
  })
})
