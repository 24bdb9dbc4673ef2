import { randomBytes } from 'node:crypto'
import { access, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { silentLogger } from '../../contract/logger.ts'
import { startEmbeddedPostgres } from '../../database/embedded/embedded-postgres.ts'
import { stopLeftPostgres } from '../../database/embedded/stop-left.ts'
import { lockDataDirectory } from '../../database/hub-lock.ts'
import { migrate } from '../../database/migrate.ts'
import { createPool } from '../../database/pool.ts'
import { chooseRoot, memoryRoot } from './memory-root.ts'
import { copyMigratedCluster } from './migrated-cluster.ts'

const directoryPrefix = 'tillflow-test-server-'
/** The migrated template of a server that is ours alone. */
const ownTemplate = 'tillflow_template'

/** A database of one test (file), alone on it. */
export interface TestDatabase {
  url: string
  pool: pg.Pool
  /** Closes the pool and drops the database. */
  drop(): Promise<void>
}

/** Enough to reach a server from any process: this is what the test setup hands to its workers. */
export interface TestServerAddress {
  /** Of a database to connect to for creating others. */
  url: string
  /** The name of the migrated template of this run. */
  template: string
}

export interface TestServer extends TestServerAddress {
  /** Of the server process at this moment; undefined where the server is somebody else's. */
  readonly processId: number | undefined
  createDatabase(options?: { migrated?: boolean }): Promise<TestDatabase>
  /** Ends the server as a crash does; resolves when it has been started again and answers. Only with `alone`. */
  crash?(): Promise<void>
  stop(): Promise<void>
}

export interface TestServerOptions {
  /** Always an embedded one, for tests that change settings of the whole server or kill it. */
  alone?: boolean
  /** Whether its files may lie in memory, where a sync costs nothing; default: in tests, not in benchmarks. */
  inMemory?: boolean
}

/** A real PostgreSQL for tests and benchmarks: the one under TILLFLOW_TEST_DATABASE_URL, or an embedded one. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const given = process.env.TILLFLOW_TEST_DATABASE_URL
  if (given && !options.alone) {
    const template = `tillflow_template_${randomBytes(6).toString('hex')}`
    const address = { url: given, template }
    return {
      ...address,
      processId: undefined,
      createDatabase: (options) => createDatabaseOn(address, options),
      stop: () => administer(given, (client) => client.query(`DROP DATABASE IF EXISTS ${template}`)),
    }
  }
  const { inMemory = process.env.VITEST !== undefined } = options
  await removeLeftTestServers()
  const dataDirectory = await copyMigratedCluster({
    root: await chooseRoot({ inMemory }),
    directoryPrefix,
    makeTemplate: (url) => administer(url, (client) => ensureTemplate(client, { url, template: ownTemplate })),
  })
  const server = await startEmbeddedPostgres({ dataDirectory, logger: silentLogger })
  const address = { url: server.url, template: ownTemplate }
  return {
    ...address,
    get processId() {
      return server.pid
    },
    createDatabase: (options) => createDatabaseOn(address, options),
    async crash() {
      const { pid } = server
      process.kill(pid, 'SIGKILL')
      while (server.pid === pid || !(await answers(server.url))) await sleep(50)
    },
    async stop() {
      await server.stop()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  return client
    .connect()
    .then(
      () => true,
      () => false,
    )
    .finally(() => client.end().catch(() => {}))
}

/** A run that was killed leaves its server and directory; the lock in it tells that nobody uses them any more. */
export async function removeLeftTestServers(): Promise<void> {
  for (const dataDirectory of await listTestServers()) {
    try {
      await access(join(dataDirectory, 'hub.lock'))
      await lockDataDirectory(dataDirectory)
    } catch {
      continue
    }
    await stopLeftPostgres(dataDirectory)
    await rm(dataDirectory, { recursive: true, force: true })
  }
}

async function listTestServers(): Promise<string[]> {
  const lists = await Promise.all(
    [tmpdir(), memoryRoot].map(async (root) => {
      const names = await readdir(root).catch(() => [])
      return names.filter((name) => name.startsWith(directoryPrefix)).map((name) => join(root, name))
    }),
  )
  return lists.flat()
}

/** A fresh database, by default a clone of the migrated template, which the first caller of a run makes. */
export async function createDatabaseOn(
  server: TestServerAddress,
  options: { migrated?: boolean } = {},
): Promise<TestDatabase> {
  const name = `tillflow_test_${randomBytes(8).toString('hex')}`
  await administer(server.url, async (client) => {
    if (options.migrated === false) return client.query(`CREATE DATABASE ${name}`)
    await ensureTemplate(client, server)
    return client.query(`CREATE DATABASE ${name} TEMPLATE ${server.template}`)
  })
  const url = withDatabase(server.url, name)
  const pool = createPool({ url, sizeMax: 10, applicationName: 'tillflow-test' })
  return {
    url,
    pool,
    async drop() {
      await pool.end()
      await administer(server.url, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}

/** Test workers come at the same time; one migrates and the others wait at the advisory lock. */
async function ensureTemplate(client: pg.Client, server: TestServerAddress): Promise<void> {
  const isThere = async () => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [server.template])
    return rowCount === 1
  }
  if (await isThere()) return
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [server.template])
  if (await isThere()) return
  const unfinished = `${server.template}_unfinished`
  await client.query(`DROP DATABASE IF EXISTS ${unfinished}`)
  await client.query(`CREATE DATABASE ${unfinished}`)
  const pool = createPool({
    url: withDatabase(server.url, unfinished),
    sizeMax: 1,
    applicationName: 'tillflow-template',
  })
  try {
    await migrate(pool, { logger: silentLogger })
  } finally {
    await pool.end()
  }
  await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${server.template}`)
}

async function administer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}
