import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface BackOffice {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  close(): Promise<void>
}

/**
 * Serves on loopback until SIGTERM or SIGINT, and says `{"ready":true,"port":N}` on standard output when it listens. Port 0
 * takes a free one.
 */
export async function runBackOffice(office: BackOffice, port: number): Promise<void> {
  const server = createServer((request, response) => {
    office.handle(request, response).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      response.socket?.destroy()
    })
  })
  // The hub keeps connections open between events; the side that sends should be the one that lets go.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  process.stdout.write(`${JSON.stringify({ ready: true, port: (server.address() as AddressInfo).port })}\n`)
  const stop = () => {
    server.close(() => {
      office.close().then(() => process.exit(0))
    })
    server.closeAllConnections()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
