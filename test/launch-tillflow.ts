import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export const mainScript = join(import.meta.dirname, '../src/main.ts')

/** Where and with which settings the program runs. */
export interface LaunchOptions {
  directory?: string
  /** Beside `PATH` and a free port: none of the settings of whoever runs the tests. */
  environment?: Readonly<Record<string, string>>
  nodeArguments?: readonly string[]
}

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** The program in a process of its own, as a user starts it; it can send us messages, as `start` does when it listens. */
export function launchTillflow(args: readonly string[], options: LaunchOptions = {}): ChildProcess {
  const { directory, environment = {}, nodeArguments = [] } = options
  return spawn(process.execPath, [...nodeArguments, mainScript, ...args], {
    ...(directory !== undefined && { cwd: directory }),
    env: { PATH: process.env.PATH ?? '', TILLFLOW_HTTP_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

/** Everything that a process says until it ends. */
export async function finish(child: ChildProcess): Promise<Finished> {
  const finished: Finished = { code: null, stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    finished.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    finished.stderr += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { ...finished, code }
}

export function runTillflow(args: readonly string[], options?: LaunchOptions): Promise<Finished> {
  return finish(launchTillflow(args, options))
}

/** What a command prints as JSON. Throws with its last words when it fails. */
export async function printedBy<Printed>(
  args: readonly string[],
  options: LaunchOptions & { accept?: readonly number[] } = {},
): Promise<Printed> {
  const { accept = [0] } = options
  const { code, stdout, stderr } = await runTillflow(args, options)
  if (!accept.includes(code ?? -1)) throw new Error(`tillflow ${args[0]} ended with ${code}: ${stderr.slice(-2_000)}`)
  return JSON.parse(stdout) as Printed
}
