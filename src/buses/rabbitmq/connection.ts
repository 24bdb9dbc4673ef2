import { type Channel, Connection } from 'rabbitmq-client'
import { failureOf } from './failure.ts'
import { keepBodiesAsBytes } from './keep-bytes.ts'
import { defaults, type RabbitMqOptions, retryDelayMaxMs, retryDelayMinMs } from './options.ts'

/** RabbitMQ's default. A broker that wants less says so. */
const frameMaxBytes = 131_072
const heartbeatSeconds = 20
const closeTimeoutMs = 5_000

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
    this.#connection.on('error', (error) => {
      this.#lastError = error
    })
    this.#connection.on('connection', () => {
      this.#lastError = undefined
      this.#blockedReason = undefined
    })
    this.#connection.on('connection.blocked', (reason) => {
      this.#blockedReason = reason
    })
    this.#connection.on('connection.unblocked', () => {
      this.#blockedReason = undefined
    })
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

  /** Its channels must be closed before. A broker that does not answer is not waited for. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.destroy(), closeTimeoutMs)
    await this.#connection.close().catch(() => {})
    clearTimeout(timer)
  }
}
