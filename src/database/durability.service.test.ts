import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestDatabase, type TestServer } from '../testing/database/test-server.ts'
import { checkDurability } from './durability.ts'

let server: TestServer
let database: TestDatabase

beforeAll(async () => {
  server = await startTestServer({ alone: true })
  database = await server.createDatabase({ migrated: false })
})
afterEach(() => set('ALTER SYSTEM RESET ALL'))
afterAll(async () => {
  await database.drop()
  await server.stop()
})

const set = async (statement: string) => {
  await database.pool.query(statement)
  await database.pool.query('SELECT pg_reload_conf()')
}

/** The server reads its files some moments after it was asked to. */
const checkEventually = async (expected: object, evaluation = true) =>
  expect
    .poll(() => checkDurability(database.pool, { evaluation }).catch((error: unknown) => error), { timeout: 10_000 })
    .toMatchObject(expected)

it('refuses fsync = off', async () => {
  await set('ALTER SYSTEM SET fsync = off')
  await checkEventually({ code: 'database-unsafe' }, false)
})

it('refuses full_page_writes = off, which a power cut turns into torn pages', async () => {
  await set('ALTER SYSTEM SET full_page_writes = off')
  await checkEventually({ code: 'database-unsafe' }, false)
})

it('promises to survive a failover only with a standby that has every commit on its disk', async () => {
  await set("ALTER SYSTEM SET synchronous_standby_names = 'second'")
  await checkEventually({ survives: 'failover', synchronousStandbyNames: 'second' })
  await set('ALTER SYSTEM SET synchronous_commit = remote_write')
  await checkEventually({ survives: 'crash', synchronousStandbyNames: 'second' })
})
