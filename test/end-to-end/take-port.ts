import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { readRunFile } from '../../src/database/embedded/run-file.ts'

/**
 * Takes the port of the database of a data directory as soon as it is free, as any connection of any program may while the database is
 * dead, and keeps it. Resolves with the port; undefined: it was never free.
 */
export async function takePort(dataDirectory: string, signal: AbortSignal): Promise<number | undefined> {
  let port: number | undefined
  while (!signal.aborted) {
    port ??= (await readRunFile(dataDirectory))?.port
    if (port !== undefined && (await isTaken(port, signal))) return port
    await sleep(15)
  }
  return undefined
}

function isTaken(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => {
      signal.addEventListener('abort', () => server.close(), { once: true })
      resolve(true)
    })
  })
}
