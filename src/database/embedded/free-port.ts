import { once } from 'node:events'
import { createServer } from 'node:net'

/** The preferred port when nobody listens there, else one that the system gives out. */
export async function chooseFreePort(preferredPort?: number): Promise<number> {
  if (preferredPort !== undefined && (await isFree(preferredPort))) return preferredPort
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('The system gave out no port')
  return address.port
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
