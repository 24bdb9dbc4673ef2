import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { BusInChild } from './conformance-options.ts'

export interface Holder {
  /** The messages of its first call, which never ends. */
  firstIds(): Promise<string[]>
  /** Ends the process as a crash does. */
  kill(): Promise<void>
}

/** Starts a process that subscribes and never ends its first call; resolves when it has subscribed. */
export async function startHolder(what: { inChild: BusInChild; group: string; topic: string }): Promise<Holder> {
  const { module, ...rest } = what.inChild
  const order = JSON.stringify({ ...rest, module: module.href, group: what.group, topic: what.topic })
  const script = fileURLToPath(new URL('./hold-messages.ts', import.meta.url))
  const child = spawn(process.execPath, [script, order], { stdio: ['ignore', 'pipe', 'pipe'] })
  let lastWords = ''
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-2_000)
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<{ subscribed?: boolean; ids?: string[] }> => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the consumer ended: ${lastWords}`)
    return JSON.parse(value) as { subscribed?: boolean; ids?: string[] }
  }
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  }
  try {
    await nextLine()
  } catch (error) {
    await kill()
    throw error
  }
  return { firstIds: async () => (await nextLine()).ids ?? [], kill }
}
