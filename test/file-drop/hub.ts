import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../src/main.ts')

interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** A hub of its own with its database, and its commands. */
export class HubForTests {
  readonly directory = mkdtempSync(join(tmpdir(), 'tillflow-drop-'))
  address = ''
  token = ''
  #hub: ChildProcess | undefined

  async start(port = '0'): Promise<void> {
    writeFileSync(join(this.directory, 'tillflow.json'), '{}')
    const hub = this.launch(['start'], port)
    this.#hub = hub
    let log = ''
    hub.stderr?.setEncoding('utf8').on('data', (text) => {
      log += text
    })
    this.address = await new Promise<string>((resolve, reject) => {
      hub.once('message', (message) => resolve((message as { address: string }).address))
      hub.once('exit', () => reject(new Error(`the hub did not start:\n${log}`)))
    })
    if (this.token !== '') return
    const { stdout } = await this.run(['token', 'create', '--name', 'drop', '--stores', '*', '--json'])
    this.token = JSON.parse(stdout).token
  }

  async kill(): Promise<void> {
    const hub = this.#hub
    if (!hub || hub.exitCode !== null || hub.signalCode !== null) return
    const ended = new Promise((resolve) => hub.once('exit', resolve))
    hub.kill('SIGTERM')
    await ended
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.directory, { recursive: true, force: true })
  }

  launch(args: string[], port = '0'): ChildProcess {
    return spawn(process.execPath, [main, ...args], {
      cwd: this.directory,
      env: { PATH: process.env.PATH ?? '', TILLFLOW_HTTP_PORT: port, TILLFLOW_TOKEN: this.token },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
  }

  async run(args: string[]): Promise<Finished> {
    const child = this.launch(args)
    const finished: Finished = { code: null, stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      finished.stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      finished.stderr += text
    })
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { ...finished, code }
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
