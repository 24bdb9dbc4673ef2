import { BusFailure, type Subscription } from '../../contract/bus.ts'
import { systemClock } from '../../contract/clock.ts'
import type { BrokerConnection } from './connection.ts'
import { failureOf } from './failure.ts'
import { retryDelayMs } from './options.ts'
import { QueueSession } from './queue-session.ts'
import { declareGroupQueue } from './topology.ts'

export interface QueuePlace {
  topic: string
  queue: string
  /** Undefined for a queue that somebody else made. */
  deliveryLimit: number | undefined
}

/** Reads one queue, session after session, until it is closed. */
export class QueueReader {
  readonly #connection: BrokerConnection
  readonly #subscription: Subscription
  readonly #place: QueuePlace
  readonly #closing = new AbortController()
  #session: QueueSession | undefined
  #reading: Promise<void> | undefined

  constructor(connection: BrokerConnection, subscription: Subscription, place: QueuePlace) {
    this.#connection = connection
    this.#subscription = subscription
    this.#place = place
  }

  /** Resolves when the broker has accepted the first session. Throws a `BusFailure`. */
  async open(): Promise<void> {
    this.#session = await this.#beginSession()
    this.#reading = this.#keepReading(this.#session)
  }

  /** Resolves when no call is on its way; none begins after that. */
  async settle(): Promise<void> {
    this.#closing.abort()
    await this.#session?.settle()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#session?.close()
    await this.#reading
  }

  async #keepReading(first: QueueSession): Promise<void> {
    let session: QueueSession | undefined = first
    for (let attempt = 1; ; attempt += 1) {
      if (session !== undefined) {
        await session.ended
        // The next call for a partition comes after the last one has ended, also over another channel.
        await session.settle()
        attempt = 1
      }
      if (this.#closing.signal.aborted) return
      if (session !== undefined) {
        this.#tell(new BusFailure(`RabbitMQ ended the reading of ${this.#place.queue}`, { isTransient: true }))
      }
      await systemClock.sleep(retryDelayMs(attempt), this.#closing.signal)
      session = await this.#resume()
    }
  }

  async #resume(): Promise<QueueSession | undefined> {
    if (this.#closing.signal.aborted) return undefined
    try {
      const session = await this.#beginSession()
      this.#session = session
      if (this.#closing.signal.aborted) await session.close()
      return session
    } catch (error) {
      this.#tell(failureOf(`RabbitMQ did not accept the reading of ${this.#place.queue}`, error))
      return undefined
    }
  }

  async #beginSession(): Promise<QueueSession> {
    const { topic, queue, deliveryLimit } = this.#place
    const channel = await this.#connection.openChannel()
    try {
      if (deliveryLimit !== undefined) await declareGroupQueue(channel, { topic, queue, deliveryLimit })
      const session = new QueueSession(channel, this.#subscription, topic)
      await session.begin(queue)
      return session
    } catch (error) {
      await channel.close()
      throw failureOf(`RabbitMQ did not accept the reading of ${queue}`, error)
    }
  }

  #tell(failure: BusFailure): void {
    if (!this.#closing.signal.aborted) this.#subscription.onTrouble?.(failure)
  }
}
