import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'

const main = join(import.meta.dirname, '../../src/main.ts')

export interface StartedHub {
  address: string
  log(): string
  child: ChildProcess
  post(receipt: object, headers?: Record<string, string>): Promise<Response>
  metrics(): Promise<string>
  tillflow(...args: string[]): Promise<string>
  stop(): Promise<number | null>
}

/** A hub in a process of its own, with the settings that are given. */
export async function startHubProcess(environment: Record<string, string>): Promise<StartedHub> {
  const env = { PATH: process.env.PATH ?? '', TILLFLOW_HTTP_PORT: '0', TILLFLOW_EVALUATION: 'true', ...environment }
  const { TILLFLOW_DATA_DIRECTORY: cwd } = environment
  const run = (args: string[], extra: Record<string, string> = {}) =>
    spawn(process.execPath, [main, ...args], {
      cwd,
      env: { ...env, ...extra },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
  const child = run(['start'])
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    log += text
  })
  const address = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { address: string }).address))
    child.once('exit', () => reject(new Error(`the hub did not start:\n${log}`)))
  })
  const tillflow = async (...args: string[]) => {
    const command = run(args)
    let output = ''
    command.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    await new Promise((resolve) => command.once('close', resolve))
    return output
  }
  const { token } = JSON.parse(await tillflow('token', 'create', '--name', 'tills', '--stores', '9', '--json')) as {
    token: string
  }
  return {
    address,
    child,
    log: () => log,
    tillflow,
    post: (receipt, headers = {}) =>
      fetch(`${address}/v1/transactions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(receipt),
      }),
    metrics: async () => (await fetch(`${address}/metrics`)).text(),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode)
        child.once('exit', resolve)
        child.kill('SIGTERM')
      }),
  }
}

export interface ReceivedRequest {
  headers: IncomingHttpHeaders
  event: { subject: string; traceparent?: string }
}

/** A receiver of webhooks that answers what it is told to, by the number of the receipt and of the request. */
export async function startTarget(answer: (subject: string, request: number) => number) {
  const requests: ReceivedRequest[] = []
  const taken: string[] = []
  const server = createServer(async (request, response) => {
    const event = (await json(request)) as ReceivedRequest['event']
    requests.push({ headers: request.headers, event })
    response.statusCode = answer(event.subject, requests.filter((one) => one.event.subject === event.subject).length)
    if (response.statusCode < 300) taken.push(event.subject)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The receipts of requests that were answered well, in their order. */
    taken: () => taken,
    of: (number: number) => requests.filter((one) => one.event.subject.endsWith(`/${number}`)),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
