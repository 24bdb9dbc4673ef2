import { type ChildProcess, spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Finished, LaunchOptions } from './launch-tillflow.ts'

export interface AskedCommand {
  number: number
  args: readonly string[]
  /** Added to the environment of the process for this command only. */
  more: Readonly<Record<string, string>>
}

export interface Said extends Finished {
  number: number
}

/**
 * Commands of the program in one process, one after the other: each costs what it does, and not the second that a process takes to
 * start. For what belongs to a process itself there is `runTillflow`.
 */
export class CommandProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (said: Finished) => void; reject: (error: Error) => void }>()
  #number = 0

  constructor({ directory, environment = {} }: LaunchOptions = {}) {
    this.#child = spawn(process.execPath, [join(import.meta.dirname, 'run-commands.ts')], {
      ...(directory !== undefined && { cwd: directory }),
      env: {
        PATH: process.env.PATH ?? '',
        NODE_COMPILE_CACHE: join(homedir(), '.cache', 'tillflow', 'compiled'),
        TILLFLOW_HTTP_PORT: '0',
        ...environment,
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    // Neither is a terminal, as in a script; what a command does not catch is seen.
    this.#child.stderr?.pipe(process.stderr)
    this.#child.on('message', ({ number, ...said }: Said) => {
      this.#waiting.get(number)?.resolve(said)
      this.#waiting.delete(number)
    })
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the process of the commands ended with ${code}`))
      this.#waiting.clear()
    })
  }

  run(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Finished> {
    this.#number += 1
    const asked: AskedCommand = { number: this.#number, args, more }
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.number, { resolve, reject })
      this.#child.send(asked)
    })
  }

  /** What a command prints as JSON. Throws with its last words when it fails. */
  async printed<Printed>(args: readonly string[], more?: Readonly<Record<string, string>>): Promise<Printed> {
    const { code, stdout, stderr } = await this.run([...args, '--json'], more)
    if (code !== 0) throw new Error(`tillflow ${args[0]} ended with ${code}: ${stderr.slice(-2_000)}`)
    return JSON.parse(stdout) as Printed
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }
}
