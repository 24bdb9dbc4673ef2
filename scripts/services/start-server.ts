import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DetachedProcess, findDetached, startDetached } from './detached-process.ts'

const pollMs = 100

/** A program that is ready when it answers. */
export interface Server {
  title: string
  program: string
  args: readonly string[]
  port: number
  logFile: string
  runFile: string
  env?: Record<string, string>
  answers(): Promise<boolean>
  startTimeoutMs: number
}

/** Starts a server and leaves it running once it answers. Throws with the end of its log when it ends before or takes too long. */
export async function startServer(server: Server): Promise<DetachedProcess> {
  const { title, logFile, runFile, answers, startTimeoutMs } = server
  const started = await startDetached(server)
  const deadline = Date.now() + startTimeoutMs
  while (!(await answers())) {
    if (Date.now() > deadline || (await findDetached(runFile)) === undefined) {
      const said = await readFile(logFile, 'utf8').catch(() => '')
      throw new Error(`${title} (pid ${started.process.pid}) did not start: ${said.slice(-2_000)}`)
    }
    await sleep(pollMs)
  }
  return started
}

/** Whether something answers there at all as it should; a server that is still starting refuses or fails. */
export function answersOk(url: string, request: RequestInit = {}): Promise<boolean> {
  return fetch(url, { ...request, signal: AbortSignal.timeout(5_000) }).then(
    async (answer) => {
      // Read to its end: Glewlwyd has a thread for each connection, and one that is cut off in an answer goes round for ever.
      await answer.arrayBuffer()
      return answer.status === 200
    },
    () => false,
  )
}
