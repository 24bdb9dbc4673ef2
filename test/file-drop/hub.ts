import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HubProcess } from '../hub-process.ts'
import { type Finished, finish, launchTillflow } from '../launch-tillflow.ts'

/** A hub of its own with its database, and the commands of somebody who drops files. It may end and start again. */
export class HubForTests {
  readonly directory = mkdtempSync(join(tmpdir(), 'tillflow-drop-'))
  token = ''
  #hub: HubProcess | undefined

  get address(): string {
    return this.#hub?.address ?? ''
  }

  async start(port = '0'): Promise<void> {
    writeFileSync(join(this.directory, 'tillflow.json'), '{}')
    this.#hub = await HubProcess.start({ directory: this.directory, environment: { TILLFLOW_HTTP_PORT: port } })
    if (this.token === '') this.token = await this.#hub.createToken()
  }

  async kill(): Promise<void> {
    await this.#hub?.stop()
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.directory, { recursive: true, force: true })
  }

  launch(args: string[]): ChildProcess {
    return launchTillflow(args, { directory: this.directory, environment: { TILLFLOW_TOKEN: this.token } })
  }

  run(args: string[]): Promise<Finished> {
    return finish(this.launch(args))
  }

  watchArguments(folder: string, ...more: string[]): string[] {
    return ['watch', folder, '--to', this.address, '--stable', '0', '--interval', '0.1', '--json', ...more]
  }

  async recorded(): Promise<number> {
    const { stdout, stderr } = await this.run(['status', '--json'])
    if (stderr !== '') throw new Error(stderr)
    return JSON.parse(stdout).transactions
  }
}
