import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrationsDirectory, readMigrationFiles } from '../../database/migration-files.ts'
import { removeLeftTestServers, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let left: pg.Client
let leftDirectory = ''

/** A run that is killed leaves its server; the next start of one finds it. */
beforeAll(async () => {
  const module = new URL('test-server.ts', import.meta.url).href
  const script = `import { startTestServer } from '${module}'
    const { url } = await startTestServer({ alone: true }); console.log(url); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  left = new pg.Client({ connectionString: String(line).trim() })
  left.on('error', () => {})
  await left.connect()
  const { rows } = await left.query<{ data_directory: string }>('SHOW data_directory')
  leftDirectory = rows[0]?.data_directory ?? ''
  await access(leftDirectory)
  child.kill('SIGKILL')
  await once(child, 'exit')

  server = await startTestServer({ alone: true })
})
afterAll(() => server?.stop())

it('clears away what a killed run left, and only that', async () => {
  await expect(left.query('SELECT 1')).rejects.toThrow()
  await expect(access(leftDirectory)).rejects.toMatchObject({ code: 'ENOENT' })
  await removeLeftTestServers()
  await (await server.createDatabase({ migrated: false })).drop()
})

it('gives every caller a migrated database of its own, also to many at once, and drops it', async () => {
  const databases = await Promise.all(Array.from({ length: 4 }, () => server.createDatabase()))
  const names = (await readMigrationFiles(migrationsDirectory)).map(({ name }) => name)
  for (const [number, { pool }] of databases.entries()) {
    const { rows } = await pool.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY name')
    expect(rows.map(({ name }) => name)).toEqual(names)
    await pool.query(`CREATE TABLE only_here_${number} ()`)
  }
  await Promise.all(databases.map((database) => database.drop()))
  const gone = new pg.Client({ connectionString: databases[0]?.url })
  await expect(gone.connect()).rejects.toMatchObject({ code: '3D000' })
})
