import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrationsDirectory, readMigrationFiles } from '../../database/migration-files.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

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

it('clears away what a killed run left, and only that', async () => {
  const module = new URL('test-server.ts', import.meta.url).href
  const script = `import { startTestServer } from '${module}'
    const { url } = await startTestServer({ alone: true }); console.log(url); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const left = new pg.Client({ connectionString: String(line).trim() })
  left.on('error', () => {})
  await left.connect()
  const { rows } = await left.query<{ data_directory: string }>('SHOW data_directory')
  const directory = rows[0]?.data_directory ?? ''
  await access(directory)
  child.kill('SIGKILL')
  await once(child, 'exit')

  const next = await startTestServer({ alone: true })
  await expect(left.query('SELECT 1')).rejects.toThrow()
  await expect(access(directory)).rejects.toMatchObject({ code: 'ENOENT' })
  await (await server.createDatabase()).drop()
  await next.stop()
})
