import { connect, type Socket } from 'node:net'

/**
 * A client that costs as little as one can: keep-alive sockets, requests built beforehand, answers only counted. What it takes
 * from the two cores would otherwise be measured as the server's.
 */
export async function postAll(
  address: string,
  bodies: readonly Buffer[],
  connections: number,
): Promise<{ perSecond: number; statuses: Map<number, number> }> {
  const { hostname, port } = new URL(address)
  const statuses = new Map<number, number>()
  let next = 0
  const takeNext = () => bodies[next++]
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: connections }, () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      return drive(socket, takeNext, (status) => statuses.set(status, (statuses.get(status) ?? 0) + 1))
    }),
  )
  return { perSecond: bodies.length / ((performance.now() - startedAt) / 1_000), statuses }
}

interface RequestHead {
  path: string
  contentType: string
  /** Who sends. */
  credentials: Readonly<Record<string, string>>
}

const single: RequestHead = {
  path: '/v1/transactions',
  contentType: 'application/json',
  credentials: { authorization: 'Bearer bench' },
}

/** A whole request, ready to be written. */
export function requestOf(body: Buffer, { path, contentType, credentials }: RequestHead = single): Buffer {
  const own = Object.entries(credentials).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `POST ${path} HTTP/1.1\r\nhost: bench\r\n${own.join('')}content-type: ${contentType}\r\ncontent-length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

function drive(socket: Socket, takeNext: () => Buffer | undefined, count: (status: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = ''
    const send = () => {
      const request = takeNext()
      if (request) socket.write(request)
      else {
        socket.end()
        resolve()
      }
    }
    socket.setEncoding('latin1')
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('data', (chunk: string) => {
      received += chunk
      const headEnd = received.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0)
      const isWhole = /transfer-encoding: chunked/i.test(received.slice(0, headEnd))
        ? received.endsWith('\r\n0\r\n\r\n')
        : received.length >= headEnd + 4 + length
      if (!isWhole) return
      count(Number(received.slice(9, 12)))
      received = ''
      send()
    })
  })
}
