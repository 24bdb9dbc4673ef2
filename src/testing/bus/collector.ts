import type { Bus, BusConsumer, BusFailure, PartitionRef, ReceivedMessage, Subscription } from '../../contract/bus.ts'
import type { PartitionWatch } from './partition-watch.ts'
import { waitUntil } from './wait-until.ts'

export interface CollectOptions {
  group: string
  topic: string
  batchMax?: number
  prefetchMax?: number
  /** What a call does; when it rejects, the messages are not acknowledged. */
  handle?(messages: readonly ReceivedMessage[], signal: AbortSignal): Promise<void>
  /** After partitions were taken away. */
  revoked?(): Promise<void>
  /** Shared by the consumers of a group. */
  watch: PartitionWatch
  patienceMs: number
}

/** A consumer that remembers what it was given, and looks whether the engine keeps to the contract with every call. */
export class Collector {
  /** In the order in which their calls were made. */
  readonly given: ReceivedMessage[] = []
  /** In the order in which their calls ended well. */
  readonly acknowledged: ReceivedMessage[] = []
  readonly batchSizes: number[] = []
  readonly assigned = new Set<string>()
  readonly troubles: BusFailure[] = []
  readonly #options: CollectOptions
  #consumer: BusConsumer | undefined

  constructor(options: CollectOptions) {
    this.#options = options
  }

  async subscribe(bus: Bus): Promise<void> {
    const { group, topic, batchMax = 50, prefetchMax = 200 } = this.#options
    const subscription: Subscription = {
      group,
      topics: [topic],
      batchMax,
      prefetchMax,
      onMessages: (messages, partition, signal) => this.#take(messages, partition, signal),
      onAssigned: async (partitions) => {
        for (const one of partitions) this.assigned.add(nameOf(one))
      },
      onRevoked: async (partitions) => {
        for (const one of partitions) this.assigned.delete(nameOf(one))
        await this.#options.revoked?.()
      },
      onTrouble: (failure) => this.troubles.push(failure),
    }
    this.#consumer = await bus.subscribe(subscription)
  }

  async #take(messages: readonly ReceivedMessage[], partition: PartitionRef, signal: AbortSignal): Promise<void> {
    const { watch, batchMax = 50, handle, topic } = this.#options
    const faults = watch.faults
    if (messages.length === 0) faults.push('a call without messages')
    if (messages.length > batchMax) faults.push(`${messages.length} messages in one call`)
    const strangers = messages.filter((one) => one.topic !== topic || one.partition !== partition.partition)
    if (strangers.length > 0) faults.push(`${strangers.length} messages of another topic or partition`)
    if (watch.hasPartitions && !this.assigned.has(nameOf(partition)))
      faults.push(`messages of ${partition.partition}, which was not assigned`)
    const leave = watch.enter(nameOf(partition), signal)
    try {
      this.given.push(...messages)
      this.batchSizes.push(messages.length)
      await handle?.(messages, signal)
      this.acknowledged.push(...messages)
    } finally {
      leave()
    }
  }

  /** Waits until so many different messages are acknowledged, or whatever else is asked for. */
  async until(what: number | ((collector: Collector) => boolean), description = 'messages'): Promise<void> {
    const isSo =
      typeof what === 'number' ? () => new Set(this.acknowledged.map((one) => one.cloudEvent?.id)).size >= what : what
    await waitUntil(
      () =>
        `${typeof what === 'number' ? what : ''} ${description}; there are ${this.acknowledged.length}${this.#lastTrouble()}`,
      () => isSo(this),
      this.#options.patienceMs,
    )
  }

  #lastTrouble(): string {
    const last = this.troubles.at(-1)
    return last ? `, and the engine says: ${last.message}` : ''
  }

  async close(): Promise<void> {
    await this.#consumer?.close()
    this.#consumer = undefined
  }
}

function nameOf({ topic, partition }: PartitionRef): string {
  return `${topic}/${partition}`
}
