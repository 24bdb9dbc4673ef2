import { spawn } from 'node:child_process'
import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { identifyProcess, isProcessRunning, type ProcessIdentity } from '../../src/database/process-identity.ts'

/** What is remembered of a program that was started and left running. */
export interface DetachedProcess {
  process: ProcessIdentity
  port: number
}

const stopTimeoutMs = 15_000

/** Starts a program in a session of its own, with its output in a file, and remembers which process it is. */
export async function startDetached(options: {
  program: string
  args: readonly string[]
  port: number
  logFile: string
  runFile: string
  /** On top of this process's own environment. */
  env?: Record<string, string>
}): Promise<DetachedProcess> {
  await using log = await open(options.logFile, 'w', 0o600)
  const child = spawn(options.program, options.args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, ...options.env },
  })
  const started = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('spawn', () => resolve(child.pid ?? 0))
  })
  const running = { process: identifyProcess(await started), port: options.port }
  child.unref()
  await writeFile(options.runFile, JSON.stringify(running), { mode: 0o600 })
  return running
}

/** The program that the file speaks of, if exactly that process still runs. */
export async function findDetached(runFile: string): Promise<DetachedProcess | undefined> {
  const running = await readRun(runFile)
  return running !== undefined && isProcessRunning(running.process) ? running : undefined
}

/** The port that it had last, so that addresses stay the same over restarts. */
export async function lastPort(runFile: string): Promise<number | undefined> {
  return (await readRun(runFile))?.port
}

/** Asks the program to end, and ends it when it does not. */
export async function stopDetached(runFile: string): Promise<void> {
  const running = await findDetached(runFile)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (running === undefined || !isProcessRunning(running.process)) break
    process.kill(running.process.pid, signal)
    const deadline = Date.now() + stopTimeoutMs
    while (isProcessRunning(running.process) && Date.now() < deadline) await sleep(50)
  }
}

export async function forgetDetached(runFile: string): Promise<void> {
  await rm(runFile, { force: true })
}

async function readRun(runFile: string): Promise<DetachedProcess | undefined> {
  try {
    return JSON.parse(await readFile(runFile, 'utf8')) as DetachedProcess
  } catch {
    return undefined
  }
}
