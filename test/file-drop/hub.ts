import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandProcess } from '../command-process.ts'
import { HubProcess } from '../hub-process.ts'
import { type Finished, finish, launchTillflow } from '../launch-tillflow.ts'

/** A hub of its own with its database, and the commands of somebody who drops files. It may end and start again. */
export class HubForTests {
  readonly directory = mkdtempSync(join(tmpdir(), 'tillflow-drop-'))
  token = ''
  readonly #commands = new CommandProcess({ directory: this.directory })
  #hub: HubProcess | undefined

  get address(): string {
    return this.#hub?.address ?? ''
  }

  async start(port = '0'): Promise<void> {
    writeFileSync(join(this.directory, 'tillflow.json'), '{}')
    this.#hub = await HubProcess.start({ directory: this.directory, environment: { TILLFLOW_HTTP_PORT: port } })
    const create = ['token', 'create', '--name', 'tills', '--stores', '*']
    if (this.token === '') this.token = (await this.#commands.printed<{ token: string }>(create)).token
  }

  async kill(): Promise<void> {
    await this.#hub?.stop()
  }

  async stop(): Promise<void> {
    await this.#commands.stop()
    await this.kill()
    rmSync(this.directory, { recursive: true, force: true })
  }

  /** In a process of its own, as whoever drops files has it. */
  launch(args: string[]): ChildProcess {
    return launchTillflow(args, { directory: this.directory, environment: this.#environment() })
  }

  launchAndFinish(args: string[]): Promise<Finished> {
    return finish(this.launch(args))
  }

  /** The same without a process for each. */
  run(args: string[]): Promise<Finished> {
    return this.#commands.run(args, this.#environment())
  }

  watchArguments(folder: string, ...more: string[]): string[] {
    return ['watch', folder, '--to', this.address, '--stable', '0', '--interval', '0.1', '--json', ...more]
  }

  async recorded(): Promise<number> {
    return (await this.#commands.printed<{ transactions: number }>(['status'])).transactions
  }

  #environment(): Record<string, string> {
    return { TILLFLOW_TOKEN: this.token }
  }
}
