import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What stands before several hubs: each new connection goes to the next one. */
export async function startBalancer(): Promise<{
  address: string
  use(addresses: readonly string[]): void
  /** Connections that each hub got. */
  counts(): number[]
  close(): void
}> {
  let ports: number[] = []
  let counts: number[] = []
  let turn = 0
  const sockets = new Set<Socket>()
  const server: Server = createServer((client) => {
    const index = turn++ % ports.length
    counts[index] = (counts[index] ?? 0) + 1
    const hub = connect(ports[index] ?? 0, '127.0.0.1')
    for (const one of [client, hub]) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        client.destroy()
        hub.destroy()
      })
    }
    client.pipe(hub).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    use: (addresses) => {
      ports = addresses.map((address) => Number(new URL(address).port))
      counts = ports.map(() => 0)
    },
    counts: () => counts,
    close: () => {
      for (const one of sockets) one.destroy()
      server.close()
    },
  }
}
