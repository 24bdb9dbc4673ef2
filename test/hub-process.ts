import type { ChildProcess } from 'node:child_process'
import { type Finished, type LaunchOptions, launchTillflow, printedBy, runTillflow } from './launch-tillflow.ts'

/** A hub in a process of its own, with its database in its directory, and the commands that belong to it. */
export class HubProcess {
  readonly child: ChildProcess
  readonly #options: LaunchOptions
  address = ''
  #log = ''

  private constructor(options: LaunchOptions) {
    this.#options = options
    this.child = launchTillflow(['start'], options)
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#log += text
    })
  }

  /** Starts one and waits until it listens. Throws with its log when it does not. */
  static async start(options: LaunchOptions): Promise<HubProcess> {
    const hub = new HubProcess(options)
    hub.address = await new Promise<string>((resolve, reject) => {
      hub.child.once('message', (message) => resolve((message as { address: string }).address))
      hub.child.once('exit', () => reject(new Error(`the hub did not start:\n${hub.log()}`)))
    })
    return hub
  }

  log(): string {
    return this.#log
  }

  /** Runs a command beside the hub, with the same settings. */
  run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return runTillflow(args, this.#with(environment))
  }

  printed<Printed>(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Printed> {
    return printedBy<Printed>([...args, '--json'], this.#with(environment))
  }

  async createToken(stores = '*', scopes = 'transactions:write'): Promise<string> {
    const create = ['token', 'create', '--name', 'tills', '--stores', stores, '--scopes', scopes]
    return (await this.printed<{ token: string }>(create)).token
  }

  /** Ends it, and waits until it is gone. Its exit code; null where a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { child } = this
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill(signal)
    return ended
  }

  #with(environment: Readonly<Record<string, string>>): LaunchOptions {
    return { ...this.#options, environment: { ...this.#options.environment, ...environment } }
  }
}
