import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Bench } from './bench.ts'

export interface ProgramOptions {
  name: string
  /** Script and arguments, run with this Node.js. */
  args: readonly string[]
  environment?: Record<string, string>
  /** A program that says nothing when it begins. */
  readyAtOnce?: boolean
}

const readyWithinMs = 60_000
/** The hub's own: controls and targets are started as often, and need not be compiled each time. */
const compileCache = process.env.NODE_COMPILE_CACHE ?? join(homedir(), '.cache', 'tillflow', 'compiled')

/** What a program says when it is ready: a hub its address, a sink its port. */
export interface Ready {
  address?: string
  port?: number
}

const children = new Set<ChildProcess>()
// A bench that breaks down leaves nobody behind.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** A real process of the bench: it is started, killed, frozen, and started again by hand. */
export class Program {
  readonly name: string
  ready: Ready = {}
  readonly #options: ProgramOptions
  readonly #log: WriteStream
  #process: ChildProcess | undefined
  #isOver = false

  constructor(bench: Bench, options: ProgramOptions) {
    this.name = options.name
    this.#options = options
    this.#log = createWriteStream(join(bench.directory, `${options.name}.log`), { flags: 'a' })
    bench.defer(() => {
      this.#isOver = true
      return this.kill()
    })
  }

  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error(`${this.name} does not run`)
    return pid
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** Starts it, and resolves when it says that it is ready. Throws when the run is over: nobody would stop it. */
  async start(): Promise<this> {
    if (this.#isOver) throw new Error(`${this.name} is of a run that is over`)
    const { args, environment } = this.#options
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: compileCache, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#process = child
    children.add(child)
    child.once('exit', () => children.delete(child))
    child.stderr?.pipe(this.#log, { end: false })
    const lines = createInterface({ input: child.stdout ?? process.stdin })
    if (this.#options.readyAtOnce) return this
    this.ready = await new Promise<Ready>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${this.name} was not ready in time`)), readyWithinMs)
      late.unref()
      child.once('message', (message) => resolve(message as Ready))
      lines.on('line', (line) => {
        this.#log.write(`${line}\n`)
        if (line.startsWith('{"ready"')) resolve(JSON.parse(line) as Ready)
      })
      child.once('exit', (code, signal) => reject(new ProgramEndedError(this.name, code, signal)))
    })
    return this
  }

  /** The exit code of a program that ends by itself. */
  async ended(): Promise<number | null> {
    const child = this.#process
    if (child && this.isRunning) await once(child, 'exit')
    return child?.exitCode ?? null
  }

  /** SIGKILL: nothing is finished, nothing is said. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** SIGTERM: it may finish what it does. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Stops it in the middle of whatever it does, until `thaw`. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP')
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || !this.isRunning) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
}

export class ProgramEndedError extends Error {
  override readonly name = 'ProgramEndedError'
  readonly exitCode: number | null

  constructor(name: string, exitCode: number | null, signal: string | null) {
    super(`${name} ended with ${signal ?? exitCode} before it was ready`)
    this.exitCode = exitCode
  }
}
