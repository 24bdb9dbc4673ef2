import type { ChildProcess } from 'node:child_process'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import pg from 'pg'
import { createToken } from '../../src/http/auth/token-store.ts'
import { HubProcess } from '../hub-process.ts'

export interface StartedHub {
  address: string
  log(): string
  child: ChildProcess
  post(receipt: object, headers?: Record<string, string>): Promise<Response>
  metrics(): Promise<string>
  tillflow(...args: string[]): Promise<string>
  stop(): Promise<number | null>
}

export type HubEnvironment = Record<string, string> & { TILLFLOW_DATABASE_URL: string }

/** A hub in a process of its own, with the settings that are given. */
export async function startHubProcess(environment: HubEnvironment): Promise<StartedHub> {
  const { TILLFLOW_DATA_DIRECTORY: directory, TILLFLOW_DATABASE_URL: databaseUrl } = environment
  const hub = await HubProcess.start({
    ...(directory !== undefined && { directory }),
    environment: { TILLFLOW_EVALUATION: 'true', ...environment },
  })
  const { address, child } = hub
  const token = await createTokenIn(databaseUrl)
  return {
    address,
    child,
    log: () => hub.log(),
    tillflow: async (...args) => (await hub.run(args)).stdout,
    post: (receipt, headers = {}) =>
      fetch(`${address}/v1/transactions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(receipt),
      }),
    metrics: async () => (await fetch(`${address}/metrics`)).text(),
    stop: () => hub.stop(),
  }
}

/** Past the command, which is a process more. */
async function createTokenIn(databaseUrl: string): Promise<string> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  try {
    return (await createToken(pool, { name: 'tills', stores: ['9'], scopes: ['transactions:write'] })).token
  } finally {
    await pool.end()
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
    all: () => requests,
    of: (number: number) => requests.filter((one) => one.event.subject.endsWith(`/${number}`)),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
