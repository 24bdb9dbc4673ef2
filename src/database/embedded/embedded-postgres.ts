import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from '../../contract/logger.ts'
import { Problem } from '../../contract/problem.ts'
import type { ProcessIdentity } from '../process-identity.ts'
import { installPostgresBinaries } from './binaries.ts'
import { type Cluster, prepareCluster } from './cluster.ts'
import { chooseFreePort } from './free-port.ts'
import { databaseName } from './initdb.ts'
import { launchPostmaster, stopPostmaster } from './postmaster.ts'
import { findPostmaster } from './postmaster-file.ts'
import { formatUrl, probeServer } from './probe.ts'
import { readRunFile, removeRunFile, writeRunFile } from './run-file.ts'
import { supervisePostmaster } from './supervise.ts'

/** Together these wait some 15 s for what a killed server left. */
const launchAttemptsMax = 30
const launchRetryDelayMs = 500

export interface EmbeddedPostgres {
  /** Of the hub's database, with the password. Stays the same when the server is restarted. */
  url: string
  /** Of the present server process. */
  readonly pid: number
  /** The server of an earlier process was still running and is used further. */
  adopted: boolean
  /** A fast shutdown, also of an adopted server. */
  stop(): Promise<void>
}

/**
 * Runs the PostgreSQL that npm installed, on loopback, with its cluster in (or pointed at by) `dataDirectory`.
 * It outlives a killed hub and is adopted by the next start; if it dies while we run it is started again on the same port.
 * The caller holds `lockDataDirectory`. Throws `database-start-failed` with the end of the log, or `database-version`.
 */
export async function startEmbeddedPostgres(options: {
  dataDirectory: string
  logger: Logger
  port?: number
}): Promise<EmbeddedPostgres> {
  // 711: PostgreSQL's account must be able to pass through; what is secret in here has mode 600.
  await mkdir(options.dataDirectory, { recursive: true, mode: 0o711 })
  const dataDirectory = await realpath(options.dataDirectory)
  const logger = options.logger.child({ part: 'embedded-postgres' })
  const logFile = join(dataDirectory, 'postgres.log')
  const binaries = await installPostgresBinaries(dataDirectory)
  const cluster = await prepareCluster(dataDirectory, binaries)
  logger.debug({ cluster: cluster.directory, version: binaries.version }, 'Starting the embedded PostgreSQL')
  const running = await adoptOrStop(cluster, logger)
  const launch = (port: number, signal?: AbortSignal) =>
    launchPostmaster({ binaries, cluster, port, logFile, ...(signal && { signal }) })
  const preferredPort = options.port ?? (await readRunFile(dataDirectory))?.port
  const { port, process } =
    running ?? (await launchOnFreePort(launch, { preferredPort, mustBePreferred: options.port !== undefined }))
  const url = formatUrl({ password: cluster.password, port, database: databaseName })
  await createHubDatabase(cluster, port)

  const recordRun = ({ pid }: ProcessIdentity) =>
    writeRunFile(dataDirectory, { url, pid, port, startedAt: new Date().toISOString() })
  await recordRun(process)
  logger.info({ pid: process.pid, port, adopted: running !== undefined }, 'The embedded PostgreSQL is ready')
  const relaunch = async (signal: AbortSignal) => {
    // Another start on the same directory may have been quicker.
    const other = await findPostmaster(cluster.directory)
    return other?.port === port && (await probeServer(cluster, port)) === 'ours' ? other.process : launch(port, signal)
  }
  const supervision = supervisePostmaster({
    process,
    relaunch,
    onRelaunched: recordRun,
    logger,
  })
  return {
    url,
    get pid() {
      return supervision.process().pid
    },
    adopted: running !== undefined,
    async stop() {
      await stopPostmaster(await supervision.end())
      await removeRunFile(dataDirectory)
    },
  }
}

/** A server left by a killed hub is used further when it is ours and lets us in; otherwise it has to make room. */
async function adoptOrStop(
  cluster: Cluster,
  logger: Logger,
): Promise<{ port: number; process: ProcessIdentity } | undefined> {
  for (;;) {
    // Asked again after the stop: what is left of the server, if only its file, must not stop ours.
    const left = await findPostmaster(cluster.directory)
    if (left === undefined) return undefined
    if ((await probeServer(cluster, left.port)) === 'ours') return left
    logger.warn({ pid: left.process.pid }, 'A PostgreSQL of an earlier start does not answer; stopping it')
    await stopPostmaster(left.process)
  }
}

/**
 * Two things pass by themselves: somebody else takes the free port before we listen on it, and sessions of a killed server
 * still hold its shared memory for a moment. All other failures are thrown at once.
 */
async function launchOnFreePort(
  launch: (port: number) => Promise<ProcessIdentity>,
  wanted: { preferredPort: number | undefined; mustBePreferred: boolean },
): Promise<{ port: number; process: ProcessIdentity }> {
  let preferredPort = wanted.preferredPort
  for (let attempt = 1; ; attempt += 1) {
    const port = await chooseFreePort(preferredPort)
    if (wanted.mustBePreferred && port !== preferredPort) {
      throw new Problem('database-start-failed', `Port ${preferredPort} on 127.0.0.1 is in use by another program.`)
    }
    try {
      return { port, process: await launch(port) }
    } catch (error) {
      const portTaken = String(error).includes('Address already in use') && !wanted.mustBePreferred
      const memoryHeld = String(error).includes('shared memory block')
      if (attempt === launchAttemptsMax || !(portTaken || memoryHeld)) throw error
      if (portTaken) preferredPort = undefined
      if (memoryHeld) await sleep(launchRetryDelayMs)
    }
  }
}

async function createHubDatabase(cluster: Cluster, port: number): Promise<void> {
  const client = new pg.Client({
    connectionString: formatUrl({ password: cluster.password, port, database: 'postgres' }),
  })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [databaseName])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`)
  } finally {
    await client.end()
  }
}
