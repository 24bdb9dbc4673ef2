import { type Channel, Connection } from 'rabbitmq-client'
import { BusFailure, type BusTls } from '../../contract/bus.ts'
import { explainCertificateRefusal } from '../certificate-refusal.ts'
import { failureOf } from './failure.ts'
import { keepBodiesAsBytes } from './keep-bytes.ts'
import { defaults, type RabbitMqOptions, retryDelayMaxMs, retryDelayMinMs } from './options.ts'
import { within } from './within.ts'

/** RabbitMQ's default. A broker that wants less says so. */
const frameMaxBytes = 131_072
const heartbeatSeconds = 20
/** A broker that is asked to end something and says nothing for so long is not waited for. */
export const closeTimeoutMs = 5_000

/** One connection, which comes back by itself while it is not closed. */
export class BrokerConnection {
  readonly #options: RabbitMqOptions
  readonly #purpose: string
  #connection: Connection
  #isThere = false
  #isEnded = false
  #lastError: unknown
  #blockedReason: string | undefined

  /** `purpose` is seen in the broker's management. */
  constructor(options: RabbitMqOptions, purpose: string) {
    this.#options = options
    this.#purpose = purpose
    this.#connection = this.#connect()
  }

  #connect(): Connection {
    const options = this.#options
    const connection = new Connection({
      url: options.url,
      connectionName: `${options.connectionName ?? defaults.connectionName} ${this.#purpose}`,
      ...(options.tls && { tls: tlsOptionsOf(options.tls) }),
      acquireTimeout: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
      connectionTimeout: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
      heartbeat: heartbeatSeconds,
      frameMax: frameMaxBytes,
      retryLow: retryDelayMinMs,
      retryHigh: retryDelayMaxMs,
    })
    connection.on('error', (error) => {
      this.#isThere = false
      this.#lastError = error
      // A broker that is away says nothing; its next connection is blocked again when something is published over it.
      this.#blockedReason = undefined
    })
    connection.on('connection', () => {
      this.#isThere = true
      this.#lastError = undefined
    })
    connection.on('connection.blocked', (reason) => this.#setBlocked(reason))
    connection.on('connection.unblocked', () => this.#setBlocked(undefined))
    return connection
  }

  #setBlocked(reason: string | undefined): void {
    if (reason === this.#blockedReason) return
    this.#blockedReason = reason
    this.#options.onBlocked?.(reason)
  }

  /** Why the broker takes no messages just now: it is short of memory or disk. */
  get blockedReason(): string | undefined {
    return this.#blockedReason
  }

  /** Waits for the connection in bounded time. Throws a `BusFailure`. */
  async openChannel(): Promise<Channel> {
    const connection = this.#connection
    try {
      const channel = await connection.acquire({ emitErrorsFromChannel: true })
      // What it says here also ends the channel or rejects whoever waits.
      channel.on('error', () => {})
      keepBodiesAsBytes(channel)
      return channel
    } catch (error) {
      // What stopped the connection tells more than that nobody got one in time.
      const failure = this.#failureOf(this.#lastError ?? error)
      this.#beginAnew(connection)
      throw failure
    }
  }

  #failureOf(cause: unknown): BusFailure {
    const what = `RabbitMQ could not be reached for ${this.#purpose}`
    const refusal = explainCertificateRefusal(cause, this.#options.tls)
    if (refusal !== undefined) return new BusFailure(`${what}: ${refusal}`, { isTransient: false, cause })
    return failureOf(what, cause)
  }

  /** The client tells the first error of a series only, which is not why it fails now. */
  #beginAnew(connection: Connection): void {
    if (this.#isThere || this.#isEnded || connection !== this.#connection) return
    // Who else waits for the old one is told the error that is known; the new one brings its own.
    connection.unsafeDestroy()
    this.#connection = this.#connect()
  }

  /** Runs some declarations on a channel of their own: the broker closes it at the first that it refuses. */
  async withChannel(work: (channel: Channel) => Promise<void>): Promise<void> {
    const channel = await this.openChannel()
    try {
      await work(channel)
    } finally {
      await channel.close()
    }
  }

  /** Ends it at once; whoever waits for something gets an error. */
  destroy(): void {
    this.#isEnded = true
    this.#connection.unsafeDestroy()
  }

  /** Its channels must be told to close before; it waits for them. A broker that does not answer is not waited for. */
  async close(): Promise<void> {
    this.#isEnded = true
    if (this.#blockedReason !== undefined) return this.destroy()
    const closed = this.#connection.close().catch(() => {})
    // The client never says that it ended where something was still to be written.
    await within(closeTimeoutMs, closed, () => this.destroy())
  }
}

function tlsOptionsOf({ certificateAuthorities, client }: BusTls) {
  return {
    ...(certificateAuthorities !== undefined && { ca: certificateAuthorities }),
    ...(client && { cert: client.certificate, key: client.key }),
  }
}
