import { once } from 'node:events'
import { type ClientRequest, createServer, request as forward, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to one request between the hub and the real system. */
export type Fate = 'pass' | 'lose-answer' | 'refuse' | 'error-500' | { delayMs: number }

export interface LossyProxy {
  url: string
  /** Requests that reached the other side. */
  requestsCount: number
  /** Decides about each request by its body; from now on. */
  decide: (body: string) => Fate
  stop(): Promise<void>
}

/** Stands between the hub and a real system and does what networks do: answers get lost, come late, or are a gateway's error page. */
export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await readBody(incoming)
      const fate = proxy.decide(body)
      if (fate === 'refuse') return incoming.socket.destroy()
      if (fate === 'error-500') return outgoing.writeHead(500).end('<html>Internal Server Error</html>')
      proxy.requestsCount += 1
      const answer = await pass(
        forward(`${target}${incoming.url}`, { method: 'POST', headers: incoming.headers }),
        body,
      )
      if (fate === 'lose-answer') return incoming.socket.destroy()
      if (typeof fate === 'object') await new Promise((resolve) => setTimeout(resolve, fate.delayMs))
      return outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
    })().catch(() => incoming.socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const proxy: LossyProxy = {
    url: `http://127.0.0.1:${port}`,
    requestsCount: 0,
    decide: () => 'pass',
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

async function pass(request: ClientRequest, body: string): Promise<{ status: number; body: string }> {
  request.end(body)
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 0, body: await readBody(answer) }
}
