import { type ChildProcess, spawn } from 'node:child_process'
import { open, rename, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../contract/problem.ts'
import { identifyProcess, isProcessRunning, type ProcessIdentity } from '../process-identity.ts'
import type { PostgresBinaries } from './binaries.ts'
import type { Cluster } from './cluster.ts'
import { readLogTail } from './log-tail.ts'
import { probeServer } from './probe.ts'

/** Crash recovery replays up to `max_wal_size`; a slow disk needs minutes for that, and a start that gives up helps nobody. */
const startTimeoutMs = 300_000
const stopTimeoutMs = 30_000
const probeIntervalMs = 20
/** A single refusal may come from a stranger on the same port, which ends our own server in the next moment. */
const refusalsMax = 20
const logSizeMaxBytes = 10 * 1024 * 1024

/** fsync, full_page_writes and synchronous_commit are left alone: PostgreSQL's own default is the safe one. */
const serverSettings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  // These binaries have pglz only, which costs more time than it saves: 215 instead of 123 ms to clone a database.
  wal_compression: 'off',
  jit: 'off',
  log_checkpoints: 'off',
  // Statements and DETAIL lines quote rows, and rows are about people.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

export interface LaunchOptions {
  binaries: PostgresBinaries
  cluster: Cluster
  port: number
  logFile: string
  /** Ends the waiting: the process is answered although it is not ready, for example to be stopped. */
  signal?: AbortSignal
}

/**
 * Starts the server in a session of its own and resolves when it answers; it outlives the process that started it.
 * Throws `database-start-failed` with the end of the log.
 */
export async function launchPostmaster(options: LaunchOptions): Promise<ProcessIdentity> {
  const { logFile } = options
  const logStartByte = await rotateLog(logFile)
  const fail = async (what: string) =>
    new Problem(
      'database-start-failed',
      `PostgreSQL did not start: ${what}. The end of ${logFile}:\n${await readLogTail(logFile, logStartByte)}`,
    )
  const child = await spawnPostgres(options)
  if (child.pid === undefined) throw await fail('the program could not be executed')
  const postmaster = identifyProcess(child.pid)
  let refusals = 0
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw await fail(`it ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`)
    }
    const answer = await probeServer(options.cluster, options.port)
    if (answer === 'ours' || options.signal?.aborted) return postmaster
    refusals = answer === 'refused' ? refusals + 1 : 0
    if (refusals === refusalsMax) break
    await sleep(probeIntervalMs)
  }
  await stopPostmaster(postmaster)
  const password = 'it does not take the password in the file database-password'
  throw await fail(refusals > 0 ? password : `it did not answer within ${startTimeoutMs / 1000} s`)
}

/** A fast shutdown: sessions are ended, everything is written, and the next start needs no recovery. */
export async function stopPostmaster(postmaster: ProcessIdentity): Promise<void> {
  if (await endsAfter(postmaster, 'SIGINT')) return
  // Immediate shutdown: the next start recovers from the log; nothing that was committed is lost.
  if (await endsAfter(postmaster, 'SIGQUIT')) return
  throw new Error(`PostgreSQL with pid ${postmaster.pid} did not stop`)
}

async function endsAfter(postmaster: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  const deadline = Date.now() + stopTimeoutMs
  send(postmaster, signal)
  while (isProcessRunning(postmaster)) {
    if (Date.now() > deadline) return false
    await sleep(probeIntervalMs)
  }
  return true
}

function send(postmaster: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    if (isProcessRunning(postmaster)) process.kill(postmaster.pid, signal)
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function spawnPostgres(options: LaunchOptions): Promise<ChildProcess> {
  await using log = await open(options.logFile, 'a', 0o600)
  const settings = Object.entries({ ...serverSettings, port: String(options.port) })
  const child = spawn(
    options.binaries.postgres,
    ['-D', options.cluster.directory, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { cwd: '/', detached: true, stdio: ['ignore', log.fd, log.fd], ...options.cluster.account },
  )
  child.unref()
  child.on('error', () => {})
  return child
}

/** Answers at which byte the next lines begin. */
async function rotateLog(logFile: string): Promise<number> {
  const sizeBytes = (await stat(logFile).catch(() => undefined))?.size ?? 0
  if (sizeBytes <= logSizeMaxBytes) return sizeBytes
  await rename(logFile, `${logFile}.1`)
  return 0
}
