import { type Channel, Connection } from 'rabbitmq-client'
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
  readonly #connection: Connection
  readonly #what: string
  #lastError: unknown
  #blockedReason: string | undefined

  /** `purpose` is seen in the broker's management. */
  constructor(options: RabbitMqOptions, purpose: string) {
    this.#what = `RabbitMQ could not be reached for ${purpose}`
    this.#connection = new Connection({
      url: options.url,
      connectionName: `${options.connectionName ?? defaults.connectionName} ${purpose}`,
      ...(options.certificateAuthorities !== undefined && { tls: { ca: options.certificateAuthorities } }),
      acquireTimeout: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
      connectionTimeout: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
      heartbeat: heartbeatSeconds,
      frameMax: frameMaxBytes,
      retryLow: retryDelayMinMs,
      retryHigh: retryDelayMaxMs,
    })
    const setBlocked = (reason: string | undefined) => {
      if (reason === this.#blockedReason) return
      this.#blockedReason = reason
      options.onBlocked?.(reason)
    }
    this.#connection.on('error', (error) => {
      this.#lastError = error
      // A broker that is away says nothing; its next connection is blocked again when something is published over it.
      this.#blockedReason = undefined
    })
    this.#connection.on('connection', () => {
      this.#lastError = undefined
    })
    this.#connection.on('connection.blocked', setBlocked)
    this.#connection.on('connection.unblocked', () => setBlocked(undefined))
  }

  /** Why the broker takes no messages just now: it is short of memory or disk. */
  get blockedReason(): string | undefined {
    return this.#blockedReason
  }

  /** Waits for the connection in bounded time. Throws a `BusFailure`. */
  async openChannel(): Promise<Channel> {
    try {
      const channel = await this.#connection.acquire({ emitErrorsFromChannel: true })
      // What it says here also ends the channel or rejects whoever waits.
      channel.on('error', () => {})
      keepBodiesAsBytes(channel)
      return channel
    } catch (error) {
      // What stopped the connection tells more than that nobody got one in time.
      throw failureOf(this.#what, this.#lastError ?? error)
    }
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
    this.#connection.unsafeDestroy()
  }

  /** Its channels must be told to close before; it waits for them. A broker that does not answer is not waited for. */
  async close(): Promise<void> {
    if (this.#blockedReason !== undefined) return this.destroy()
    const closed = this.#connection.close().catch(() => {})
    // The client never says that it ended where something was still to be written.
    await within(closeTimeoutMs, closed, () => this.destroy())
  }
}
