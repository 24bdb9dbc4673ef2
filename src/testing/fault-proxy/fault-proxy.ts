import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { seededRandom } from '../seeded-random.ts'
import { type Fault, noFault } from './fault.ts'
import { Line } from './line.ts'

export interface FaultProxyOptions {
  /** The program behind the proxy. */
  to: { host: string; port: number }
  /** The same seed and the same lines in the same order: the same faults. */
  seed: number
  /** From the beginning; default: none. */
  fault?: Fault
}

export interface FaultProxy {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number
  /** Lines that are open now. */
  readonly linesCount: number
  /** Changes what goes wrong, on open lines and on those to come. */
  use(fault: Fault): void
  stop(): Promise<void>
}

/**
 * Stands on loopback before a program that speaks TCP (PostgreSQL, a broker, a target) and does to its lines what networks do.
 *
 * @example
 * const proxy = await startFaultProxy({ to: { host: '127.0.0.1', port: 5432 }, seed: 7 })
 * proxy.use(sometimes(0.2, loseAnswer({ share: 1 })))
 */
export async function startFaultProxy({ to, seed, fault = noFault }: FaultProxyOptions): Promise<FaultProxy> {
  const lines = new Set<Line>()
  let current = fault
  let opened = 0
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const behind = connect({ ...to, noDelay: true, allowHalfOpen: true })
    opened += 1
    // Far apart, so that neighbouring lines do not look alike.
    const line = new Line(client, behind, seededRandom(seed + Math.imul(opened, 0x9e3779b9)))
    lines.add(line)
    line.over.addEventListener('abort', () => lines.delete(line))
    line.use(current)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    get linesCount() {
      return lines.size
    },
    use(next) {
      current = next
      for (const line of lines) line.use(next)
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const line of lines) line.reset()
      await closed
    },
  }
}
