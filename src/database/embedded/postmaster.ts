import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
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
const logSizeMaxBytes = 10 * 1024 * 1024

/** fsync, full_page_writes and synchronous_commit are left alone: PostgreSQL's own default is the safe one. */
const serverSettings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  wal_compression: 'on',
  jit: 'off',
  log_checkpoints: 'off',
}

/**
 * Starts the server in a session of its own and resolves when it answers; it outlives the process that started it.
 * Throws `database-start-failed` with the end of the log.
 */
export async function launchPostmaster(options: {
  binaries: PostgresBinaries
  cluster: Cluster
  port: number
  logFile: string
}): Promise<ProcessIdentity> {
  const child = await spawnPostgres(options)
  const { pid } = child
  if (pid === undefined) throw await startFailed(options.logFile, 'the program could not be executed')
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw await startFailed(options.logFile, `it ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`)
    }
    if (await probeServer(options.cluster, options.port)) return identifyProcess(pid)
    await sleep(probeIntervalMs)
  }
  await stopPostmaster(identifyProcess(pid))
  throw await startFailed(options.logFile, `it did not answer within ${startTimeoutMs / 1000} s`)
}

/** A fast shutdown: sessions are ended, everything is written, and the next start needs no recovery. */
export async function stopPostmaster(postmaster: ProcessIdentity): Promise<void> {
  if (await endsAfter(postmaster, 'SIGINT', stopTimeoutMs)) return
  // Immediate shutdown: the next start recovers from the log; nothing that was committed is lost.
  if (await endsAfter(postmaster, 'SIGQUIT', stopTimeoutMs)) return
  throw new Error(`PostgreSQL with pid ${postmaster.pid} did not stop`)
}

async function endsAfter(postmaster: ProcessIdentity, signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> {
  if (!isProcessRunning(postmaster)) return true
  process.kill(postmaster.pid, signal)
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline) {
    if (!isProcessRunning(postmaster)) return true
    await sleep(probeIntervalMs)
  }
  return false
}

async function spawnPostgres(options: {
  binaries: PostgresBinaries
  cluster: Cluster
  port: number
  logFile: string
}): Promise<ChildProcess> {
  await rotateLog(options.logFile)
  const log = await open(options.logFile, 'a', 0o600)
  try {
    const settings = Object.entries({ ...serverSettings, port: String(options.port) })
    const child = spawn(
      options.binaries.postgres,
      ['-D', options.cluster.directory, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { cwd: '/', detached: true, stdio: ['ignore', log.fd, log.fd], ...options.cluster.account },
    )
    child.unref()
    child.on('error', () => {})
    if (child.pid === undefined) await once(child, 'error').catch(() => {})
    return child
  } finally {
    await log.close()
  }
}

async function rotateLog(logFile: string): Promise<void> {
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0
  if (size > logSizeMaxBytes) await rename(logFile, `${logFile}.1`)
}

async function startFailed(logFile: string, what: string): Promise<Problem> {
  const tail = await readLogTail(logFile)
  return new Problem('database-start-failed', `PostgreSQL did not start: ${what}. The end of ${logFile}:\n${tail}`)
}
