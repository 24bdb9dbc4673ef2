import type { FastifyInstance } from 'fastify'

/** Where a server listens, as a program on this machine calls it. Throws before it listens. */
export function listeningUrl(server: FastifyInstance): string {
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen yet')
  const host = hostOf(address.address)
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

/** Every address of the machine is no address to call. */
function hostOf(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1'
  return address === '::' ? '::1' : address
}
