import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface StartedProcess {
  port: number
  pid: number
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>
}

/** Starts a program of ours that says `{"ready":true,"port":N}` when it listens; throws with its last words when it does not. */
export async function startProcess(script: string, args: readonly string[]): Promise<StartedProcess> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let lastWords = ''
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-2000)
  })
  const exited = once(child, 'exit')
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { ready?: boolean; port?: number }
    if (said.ready !== true || said.port === undefined || child.pid === undefined) continue
    child.stdout.resume()
    return { port: said.port, pid: child.pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
  }
  throw new Error(`the program did not start: ${lastWords}`)
}
