import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { type Bus, BusFailure, type BusMessage } from '../../contract/bus.ts'
import { type CollectOptions, Collector } from './collector.ts'
import type { BusConformance } from './conformance-options.ts'
import { PartitionWatch } from './partition-watch.ts'

const patienceDefaultMs = 60_000

type How = Pick<CollectOptions, 'batchMax' | 'prefetchMax' | 'handle' | 'revoked'>

/** What the parts of the suite work with: buses, topics and consumers, all closed after each test. */
export class BusBench {
  readonly options: BusConformance
  readonly patienceMs: number
  readonly #buses: Bus[] = []
  readonly #collectors: Collector[] = []
  readonly #watches = new Map<string, PartitionWatch>()

  constructor(options: BusConformance) {
    this.options = options
    this.patienceMs = options.patienceMs ?? patienceDefaultMs
  }

  async open(): Promise<Bus> {
    const bus = await this.options.open()
    this.#buses.push(bus)
    return bus
  }

  /** A topic that nobody used before. */
  async topic(bus: Bus, partitionsCount = 4): Promise<string> {
    const topic = `tillflow-suite.${randomBytes(6).toString('hex')}`
    await bus.prepareTopics([{ topic, partitionsCount, retentionMs: 3_600_000 }])
    return topic
  }

  /** A group that nobody used before. */
  group(): string {
    return `tillflow-suite-${randomBytes(6).toString('hex')}`
  }

  async collect(bus: Bus, group: string, topic: string, how: How = {}): Promise<Collector> {
    const watch = this.#watches.get(group) ?? new PartitionWatch(bus.features.partitions)
    this.#watches.set(group, watch)
    const collector = new Collector({ ...how, group, topic, watch, patienceMs: this.patienceMs })
    this.#collectors.push(collector)
    await collector.subscribe(bus)
    return collector
  }

  /** Closes everything, and fails where an engine broke the contract with any call. */
  async end(): Promise<void> {
    for (const collector of this.#collectors.splice(0)) await collector.close()
    for (const bus of this.#buses.splice(0)) await bus.close()
    const faults = [...this.#watches.values()].flatMap((watch) => watch.faults)
    this.#watches.clear()
    expect(faults).toEqual([])
  }
}

const tryAgainMs = 100

/** Publishes until the broker has confirmed, as the relay does; only what may succeed later is tried again. */
export async function publishStubbornly(bus: Bus, messages: readonly BusMessage[], patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      return await bus.publish(messages)
    } catch (error) {
      if (!(error instanceof BusFailure) || !error.isTransient || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, tryAgainMs))
    }
  }
}
