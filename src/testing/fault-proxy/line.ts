import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RandomSource } from '../../contract/clock.ts'
import { type Direction, type Fault, noFault, type Passage, type Span } from './fault.ts'

/** One connection through the proxy: what a fault can do to it. */
export class Line {
  /** Of this line alone: what other lines do changes nothing here. */
  readonly random: RandomSource
  readonly #client: Socket
  readonly #server: Socket
  #passage: Passage
  #silent = false
  #timers = new AbortController()
  readonly #over = new AbortController()

  constructor(client: Socket, server: Socket, random: RandomSource) {
    this.#client = client
    this.#server = server
    this.random = random
    this.#passage = noFault(this)
    for (const socket of [client, server]) socket.on('error', () => this.reset())
    void this.#carry(client, 'to-server')
    void this.#carry(server, 'to-client')
  }

  /** Aborted when both ends are gone. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** From the next piece of bytes on; what the fault before it had planned is off. */
  use(fault: Fault): void {
    this.#timers.abort()
    this.#timers = new AbortController()
    if (!this.#over.signal.aborted) this.#passage = fault(this)
  }

  /** Hands bytes on, and waits until the receiver has room for more. */
  async pass(direction: Direction, bytes: Uint8Array): Promise<void> {
    const receiver = direction === 'to-server' ? this.#server : this.#client
    if (this.#silent || bytes.length === 0 || receiver.destroyed || receiver.writableEnded) return
    if (!receiver.write(bytes)) await once(receiver, 'drain', { signal: this.#over.signal }).catch(() => {})
  }

  /** Ends both sides in order (FIN), after everything that was handed on. */
  cut(): void {
    this.#end((socket) => socket.end(() => socket.destroy()))
  }

  /** Ends both sides at once (RST): what is still on its way is lost. */
  reset(): void {
    this.#end((socket) => socket.resetAndDestroy())
  }

  /** Half open: both sides believe in a connection through which nothing comes any more, and nobody is told of its end. */
  silence(): void {
    this.#silent = true
  }

  /** Plans something for this line, while its fault lasts. */
  after({ fromMs, toMs }: Span, act: () => void): void {
    const { signal } = this.#timers
    sleep(fromMs + this.random.next() * (toMs - fromMs), undefined, { signal, ref: false }).then(act, () => {})
  }

  /** A rest within a passage; over at once when the line is. */
  async rest({ fromMs, toMs }: Span): Promise<void> {
    const durationMs = fromMs + this.random.next() * (toMs - fromMs)
    await sleep(durationMs, undefined, { signal: this.#over.signal, ref: false }).catch(() => {})
  }

  async #carry(from: Socket, direction: Direction): Promise<void> {
    try {
      for await (const bytes of from as AsyncIterable<Buffer>) await this.#passage(direction, bytes)
    } catch {
      // The socket was ended under our hands, by a fault or by its program.
    }
    if (!this.#silent) this.cut()
    else if (this.#client.destroyed && this.#server.destroyed) this.#over.abort()
  }

  #end(how: (socket: Socket) => void): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    this.#timers.abort()
    for (const socket of [this.#client, this.#server]) if (!socket.destroyed) how(socket)
  }
}
