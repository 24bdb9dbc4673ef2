import type { AsyncMessage, Channel } from 'rabbitmq-client'
import { BusFailure, type PartitionRef, type Subscription } from '../../contract/bus.ts'
import { systemClock } from '../../contract/clock.ts'
import { readMessage } from './message.ts'
import { retryDelayMs } from './options.ts'

/**
 * What comes from one queue over one channel, in its order, from the first message until the channel ends. What was not acknowledged
 * by then comes again over the next channel.
 */
export class QueueSession {
  readonly #channel: Channel
  readonly #subscription: Subscription
  readonly #partition: PartitionRef
  readonly #waiting: AsyncMessage[] = []
  readonly #taken = new AbortController()
  readonly #stopping = new AbortController()
  /** The loop that hands over what waits, while it runs. */
  #handing: Promise<void> | undefined
  /** Resolves when the channel has ended, whoever ended it. */
  readonly ended: Promise<void>

  constructor(channel: Channel, subscription: Subscription, topic: string) {
    this.#channel = channel
    this.#subscription = subscription
    this.#partition = { topic, partition: 0 }
    this.ended = new Promise((resolve) => {
      channel.once('close', () => {
        this.#taken.abort()
        this.#stopping.abort()
        resolve()
      })
    })
    // The queue was deleted, or its node went away.
    channel.once('basic.cancel', () => void channel.close())
  }

  async begin(queue: string): Promise<void> {
    await this.#channel.basicQos({ prefetchCount: this.#subscription.prefetchMax })
    await this.#channel.basicConsume({ queue }, (message) => {
      this.#waiting.push(message)
      // Later, so that what came in the same packet is handed over together.
      this.#handing ??= new Promise(setImmediate).then(() => this.#handOver())
    })
  }

  /** Resolves when no call is on its way; none begins after that. */
  async settle(): Promise<void> {
    this.#stopping.abort()
    await this.#handing
  }

  /**
   * Ends after the call on its way. The channel is closed without cancelling the consumer first: a cancelled one keeps what it was
   * given while the next consumer already gets what comes after.
   */
  async close(): Promise<void> {
    await this.settle()
    await this.#channel.close()
  }

  async #handOver(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopping.signal.aborted) {
      const batch = this.#waiting.splice(0, this.#subscription.batchMax)
      if (await this.#insist(batch)) this.#acknowledge(batch)
    }
    this.#handing = undefined
  }

  /**
   * Calls until the call resolves; false when the session ended before. A refused batch stays here instead of going back to the queue:
   * giving it back means giving back everything that was fetched behind it, and the queue counts that as a delivery of each.
   */
  async #insist(batch: readonly AsyncMessage[]): Promise<boolean> {
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt += 1) {
      try {
        const messages = batch.map((message) => readMessage(message, this.#partition.topic, attempt > 1))
        await this.#subscription.onMessages(messages, this.#partition, this.#taken.signal)
        return true
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.#subscription.onTrouble?.(
          new BusFailure(`${batch.length} messages were refused: ${reason}`, { isTransient: true, cause: error }),
        )
        await systemClock.sleep(retryDelayMs(attempt), this.#stopping.signal)
      }
    }
    return false
  }

  #acknowledge(batch: readonly AsyncMessage[]): void {
    const last = batch.at(-1)
    // Without its channel nothing can be acknowledged: it comes again.
    if (last === undefined || !this.#channel.active) return
    // Everything before it was acknowledged already.
    this.#channel.basicAck({ deliveryTag: last.deliveryTag, multiple: true })
  }
}
