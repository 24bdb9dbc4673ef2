import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../contract/logger.ts'
import { chooseAccount } from './account.ts'
import { readClusterDirectory } from './cluster.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { findEmbeddedPostgres } from './run-file.ts'
import { stopLeftPostgres } from './stop-left.ts'

const weAreRoot = process.getuid?.() === 0
/** Who could read another account's files, as root can, is told apart from who cannot. */
const account = chooseAccount()

let home: string
let dataDirectory: string
let children: ChildProcess[]
let server: EmbeddedPostgres | undefined

/** Where a first start was; its cluster is copied for what comes later, as an empty one takes seconds to make. */
let firstHome: string
let first: EmbeddedPostgres

const newHome = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-embedded-'))
  await chmod(directory, 0o755)
  return directory
}

beforeAll(async () => {
  firstHome = await newHome()
  first = await startEmbeddedPostgres({ dataDirectory: join(firstHome, 'data'), logger: silentLogger })
})

afterAll(async () => {
  await first?.stop()
  await rm(firstHome, { recursive: true, force: true })
})

beforeEach(async () => {
  home = await newHome()
  dataDirectory = join(home, 'data')
  children = []
  server = undefined
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await server?.stop()
  for (const directory of [dataDirectory, join(home, 'second')]) {
    const cluster = await stopLeftPostgres(directory)
    if (cluster?.startsWith('/var/lib/tillflow/clusters/')) await rm(cluster, { recursive: true, force: true })
  }
  await rm(home, { recursive: true, force: true })
})

const start = async () => {
  server = await startEmbeddedPostgres({ dataDirectory, logger: silentLogger })
  return server
}

/** Makes the data directory one that was used and stopped, and answers where its cluster is. */
const useCopyOfFirst = async () => {
  await first.stop()
  // With their owners and modes, which the server looks at.
  await promisify(execFile)('cp', ['-a', join(firstHome, 'data'), dataDirectory])
  const cluster = (await readClusterDirectory(dataDirectory)) ?? ''
  if (!cluster.startsWith(dataDirectory)) throw new Error(`${tmpdir()} is closed to the account of PostgreSQL`)
  return cluster
}

/** Another process that starts the server, says where it is, and stays. */
const startInChild = async (directory: string, as?: { uid: number; gid: number }) => {
  const module = new URL('embedded-postgres.ts', import.meta.url).href
  const script = `import { startEmbeddedPostgres } from '${module}'
    const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger }
    const { url, pid } = await startEmbeddedPostgres({ dataDirectory: process.argv[1], logger })
    console.log(JSON.stringify({ url, pid })); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOME: home },
    ...as,
  })
  children.push(child)
  const [line] = await once(child.stdout, 'data')
  return { child, ...(JSON.parse(String(line)) as { url: string; pid: number }) }
}

const query = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const accountOf = async (pid: number) => (await stat(`/proc/${pid}`)).uid

describe('a first start', () => {
  const firstDirectory = () => join(firstHome, 'data')

  it('gives a database that syncs every commit, sorts alike everywhere and asks for a password', async () => {
    const { url } = first
    const [row] = await query(
      url,
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
         current_setting('listen_addresses') AS address, current_setting('data_checksums') AS checksums,
         (SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()) AS locale`,
    )
    expect(row).toEqual({ fsync: 'on', commit: 'on', address: '127.0.0.1', checksums: 'on', locale: 'bC.UTF-8' })
    const guess = new URL(url)
    guess.password = 'guess'
    await expect(query(guess.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    for (const file of ['database-password', 'database.json', 'postgres.log']) {
      expect((await stat(join(firstDirectory(), file))).mode & 0o777).toBe(0o600)
    }
  })

  it('writes no rows into its log', async () => {
    const { url } = first
    await query(url, 'CREATE TABLE shopper (name text PRIMARY KEY CHECK (length(name) < 12))')
    await query(url, "INSERT INTO shopper VALUES ('Rosalind')")
    await expect(query(url, "INSERT INTO shopper VALUES ('Rosalind')")).rejects.toThrow('duplicate key')
    await expect(query(url, "INSERT INTO shopper VALUES ('Rosalind Franklin')")).rejects.toThrow('check constraint')
    const log = await readFile(join(firstDirectory(), 'postgres.log'), 'utf8')
    expect(log).toContain('duplicate key')
    expect(log).not.toContain('Rosalind')
  })

  it.runIf(weAreRoot)(
    'runs PostgreSQL as nobody, with the cluster in a data directory that nobody can reach',
    async () => {
      expect(await accountOf(first.pid)).toBe(account?.uid)
      expect(await readFile(join(firstDirectory(), 'database-location'), 'utf8')).toMatch(/^postgres-/)
    },
  )

  it('is found by other processes while it runs and not afterwards', async () => {
    expect(await findEmbeddedPostgres(firstDirectory())).toBe(first.url)
    await first.stop()
    expect(await findEmbeddedPostgres(firstDirectory())).toBeUndefined()
    await expect(query(first.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.runIf(weAreRoot)(
    'puts the cluster elsewhere when the data directory is closed to nobody, and finds it again',
    async () => {
      await mkdir(dataDirectory, { mode: 0o700 })
      const own = await start()
      await query(own.url, 'CREATE TABLE kept AS SELECT 1 AS number')
      await own.stop()
      expect(await readFile(join(dataDirectory, 'database-location'), 'utf8')).toMatch(
        /^\/var\/lib\/tillflow\/clusters\//,
      )
      expect(await query((await start()).url, 'SELECT number FROM kept')).toEqual([{ number: 1 }])
    },
  )

  it.runIf(weAreRoot)('works for a normal user, also twice at once with the programs not yet copied', async () => {
    if (account === undefined) throw new Error('no unprivileged account')
    await chown(home, account.uid, account.gid)
    await chmod(home, 0o700)
    const started = await Promise.all([
      startInChild(dataDirectory, account),
      startInChild(join(home, 'second'), account),
    ])
    for (const { url, pid } of started) {
      expect(await accountOf(pid)).toBe(account.uid)
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    }
    expect((await stat(join(home, '.local/share/tillflow'))).uid).toBe(account.uid)
  })
})

describe('after a crash', () => {
  it('adopts the server of a killed hub, with everything that was committed, and supervises it', async () => {
    await useCopyOfFirst()
    const killed = await startInChild(dataDirectory)
    await query(killed.url, 'CREATE TABLE receipt AS SELECT 4711 AS number')
    killed.child.kill('SIGKILL')
    await once(killed.child, 'exit')

    const next = await start()
    expect(next).toMatchObject({ adopted: true, url: killed.url, pid: killed.pid })
    expect(await query(next.url, 'SELECT number FROM receipt')).toEqual([{ number: 4711 }])
    process.kill(next.pid, 'SIGKILL')
    await expect
      .poll(() => query(next.url, 'SELECT number FROM receipt').catch(() => 'not yet'), { timeout: 60_000 })
      .toEqual([{ number: 4711 }])
    await expect.poll(() => next.pid, { timeout: 10_000 }).not.toBe(killed.pid)
    await next.stop()
    expect(await findEmbeddedPostgres(dataDirectory)).toBeUndefined()
  })

  it('starts a killed server again under the same URL, with everything that was committed', async () => {
    await useCopyOfFirst()
    const { url, pid } = await start()
    await query(url, 'CREATE TABLE receipt AS SELECT 4711 AS number')
    process.kill(pid, 'SIGKILL')
    await expect
      .poll(() => query(url, 'SELECT number FROM receipt').catch(() => 'not yet'), { timeout: 60_000 })
      .toEqual([{ number: 4711 }])
    await expect.poll(() => findEmbeddedPostgres(dataDirectory), { timeout: 10_000 }).toBe(url)
    await expect.poll(() => server?.pid, { timeout: 10_000 }).not.toBe(pid)
  })

  it('recovers when hub and server were killed together', async () => {
    await useCopyOfFirst()
    const killed = await startInChild(dataDirectory)
    await query(killed.url, 'CREATE TABLE receipt AS SELECT 4711 AS number')
    killed.child.kill('SIGKILL')
    process.kill(killed.pid, 'SIGKILL')
    await once(killed.child, 'exit')
    const next = await start()
    expect(next.adopted).toBe(false)
    expect(await query(next.url, 'SELECT number FROM receipt')).toEqual([{ number: 4711 }])
  })

  it('is not stopped by a postmaster.pid whose pid now belongs to another program', async () => {
    const cluster = await useCopyOfFirst()
    const other = spawn('sleep', ['600'], { ...account, cwd: '/', stdio: 'ignore' })
    children.push(other)
    await writeFile(join(cluster, 'postmaster.pid'), `${other.pid}\n${cluster}\n0\n1\n\n127.0.0.1\n`)
    const next = await start()
    expect(next.adopted).toBe(false)
    expect(other.exitCode ?? other.signalCode).toBeNull()
  })
})

describe('what cannot be started', () => {
  it('says why with the end of the log', async () => {
    const cluster = await useCopyOfFirst()
    await appendFile(join(cluster, 'postgresql.conf'), '\nno_such_setting = 1\n')
    await expect(start()).rejects.toMatchObject({
      code: 'database-start-failed',
      message: expect.stringContaining('no_such_setting'),
    })
  })

  it('refuses a cluster of another major version, and one that is gone, instead of beginning an empty one', async () => {
    const cluster = await useCopyOfFirst()
    await writeFile(join(cluster, 'PG_VERSION'), '15\n')
    await expect(start()).rejects.toMatchObject({
      code: 'database-version',
      message: expect.stringMatching(/written by PostgreSQL 15; this installation brings PostgreSQL \d+/),
    })
    await rm(cluster, { recursive: true })
    await expect(start()).rejects.toMatchObject({
      code: 'database-start-failed',
      message: expect.stringContaining('is gone'),
    })
  })

  it('says so when the password file does not belong to the cluster, and leaves no server behind', async () => {
    const cluster = await useCopyOfFirst()
    await writeFile(join(dataDirectory, 'database-password'), 'of-another-cluster\n')
    await expect(start()).rejects.toMatchObject({
      code: 'database-start-failed',
      message: expect.stringContaining('database-password'),
    })
    await expect(stat(join(cluster, 'postmaster.pid'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses a port that was asked for and is taken', async () => {
    await useCopyOfFirst()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(startEmbeddedPostgres({ dataDirectory, logger: silentLogger, port })).rejects.toMatchObject({
      code: 'database-start-failed',
      message: expect.stringContaining(`${port}`),
    })
    other.close()
  })
})
