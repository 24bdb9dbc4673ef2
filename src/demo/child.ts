import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export interface ChildOptions {
  name: string
  /** Script and arguments, run with this Node.js. */
  args: readonly string[]
  environment?: Record<string, string>
  /** Where its standard error goes. */
  logFile: string
  /** Longest wait for its ready line. */
  readyWithinMs?: number
}

/** How often a process that died is started again before it is given up. */
const restartsMax = 200
const restartAfterMs = 200

/**
 * A process of the demo. It says on standard output (one JSON line) or by message when it is ready; one that dies is started
 * again with the same arguments.
 */
export class Child {
  readonly name: string
  restarts = 0
  readonly #options: ChildOptions
  readonly #log: WriteStream
  #process: ChildProcess | undefined
  #stopping = false

  private constructor(options: ChildOptions) {
    this.name = options.name
    this.#options = options
    this.#log = createWriteStream(options.logFile, { flags: 'a' })
  }

  /** Starts it and waits until it is ready; returns what its ready line says. */
  static async start<Ready>(options: ChildOptions): Promise<{ child: Child; ready: Ready }> {
    const child = new Child(options)
    const ready = (await child.#start()) as Ready
    return { child, ready }
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const running = this.#process
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const kill = setTimeout(() => running.kill('SIGKILL'), 20_000)
      running.once('exit', () => {
        clearTimeout(kill)
        resolve()
      })
      running.kill('SIGTERM')
    })
    this.#log.end()
  }

  #start(): Promise<unknown> {
    const { args, environment, name, readyWithinMs = 60_000, logFile } = this.#options
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#process = child
    child.stderr?.pipe(this.#log, { end: false })
    child.once('exit', () => this.#restart(child))
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${name} was not ready within ${readyWithinMs} ms; see ${logFile}`)),
        readyWithinMs,
      )
      const settle = (ready: unknown) => {
        clearTimeout(late)
        resolve(ready)
      }
      child.once('message', settle)
      child.once('exit', (code) => {
        clearTimeout(late)
        reject(new Error(`${name} ended with ${code} before it was ready; see ${logFile}`))
      })
      if (child.stdout) {
        createInterface({ input: child.stdout }).on('line', (line) => {
          if (line.startsWith('{"ready"')) settle(JSON.parse(line))
        })
      }
    })
  }

  #restart(ended: ChildProcess): void {
    if (this.#stopping || ended !== this.#process || this.restarts >= restartsMax) return
    this.restarts += 1
    setTimeout(() => {
      if (!this.#stopping)
        this.#start().catch((error: unknown) => this.#log.write(`${this.name} was started again: ${String(error)}\n`))
    }, restartAfterMs)
  }
}
