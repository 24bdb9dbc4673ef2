import { setImmediate as afterEvents } from 'node:timers/promises'
import type { Channel } from 'rabbitmq-client'
import { BusFailure, type BusMessage, type TopicPlan } from '../../contract/bus.ts'
import { BrokerConnection } from './connection.ts'
import { failureOf } from './failure.ts'
import { type Outgoing, writeMessage } from './message.ts'
import { checkName } from './names.ts'
import { defaults, type RabbitMqOptions } from './options.ts'
import { declareTopic } from './topology.ts'
import { within } from './within.ts'

/** A connection and its one channel: messages of a key keep their order because they all take the same way. */
interface Line {
  connection: BrokerConnection
  channel: Promise<Channel> | undefined
}

/** Publishes with confirmations, over a connection of its own: RabbitMQ holds up connections that publish too fast. */
export class Publisher {
  readonly #options: RabbitMqOptions
  readonly #preparedTopics = new Set<string>()
  /** Topics that others have prepared, each with the question whether they are there. */
  readonly #foundTopics = new Map<string, Promise<void>>()
  /** The routes that had no queue, for each call that is on its way. */
  readonly #unroutedOfCalls = new Set<Set<string>>()
  /** Topics that had a message without a queue, where that is no failure. */
  readonly #toldTopics = new Set<string>()
  #line: Line | undefined
  #isClosed = false

  constructor(options: RabbitMqOptions) {
    this.#options = options
  }

  async prepareTopics(plans: readonly TopicPlan[]): Promise<void> {
    const topics = plans.map(({ topic }) => checkName('topic', topic))
    const { connection } = this.#openLine()
    refuseWhileBlocked(connection)
    try {
      await connection.withChannel(async (channel) => {
        for (const topic of topics) await declareTopic(channel, topic)
      })
    } catch (error) {
      throw failureOf('RabbitMQ did not make the exchanges', error)
    }
    for (const topic of topics) this.#preparedTopics.add(topic)
  }

  async publish(messages: readonly BusMessage[]): Promise<void> {
    const outgoing = messages.map(writeMessage)
    if (outgoing.length === 0) return
    refuseWhileBlocked(this.#openLine().connection)
    const unrouted = new Set<string>()
    this.#unroutedOfCalls.add(unrouted)
    try {
      await this.#send(outgoing)
      // A message without a queue comes back before its confirmation, but as an event of its own that waits for its turn.
      await afterEvents()
    } finally {
      this.#unroutedOfCalls.delete(unrouted)
    }
    if (this.#refusesUnroutable && outgoing.some(({ envelope }) => unrouted.has(routeOf(envelope)))) {
      throw new BusFailure('RabbitMQ has no queue for some of the messages: no group reads their topic yet', {
        isTransient: true,
      })
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const line = this.#line
    // Not waited for: of a connection that is destroyed meanwhile the client never says that its channels are closed.
    line?.channel?.then((channel) => channel.close()).catch(() => {})
    await line?.connection.close()
  }

  async #send(outgoing: readonly Outgoing[]): Promise<void> {
    const topics = new Set(outgoing.map(({ envelope }) => envelope.exchange))
    // At once, not in turn: a call with few topics would overtake one with many.
    await Promise.all([...topics].map((topic) => this.#findTopic(topic)))
    const line = this.#openLine()
    const channel = await this.#openChannel(line)
    // It may be so since the channel was asked for.
    refuseWhileBlocked(line.connection)
    const confirmations = outgoing.map(({ envelope, body }) => {
      // It comes back whole, so not oftener than somebody wants to know of it.
      const mandatory = this.#refusesUnroutable || !this.#toldTopics.has(envelope.exchange)
      return channel.basicPublish({ ...envelope, mandatory }, body)
    })
    // Nobody else looks at the others when one of them fails.
    const settled = Promise.allSettled(confirmations)
    const timeoutMs = this.#options.publishTimeoutMs ?? defaults.publishTimeoutMs
    const results = await within(timeoutMs, settled, () => {
      // It stays as it is and arrives before its repetition. Another connection would be blocked too, with the messages once more.
      refuseWhileBlocked(line.connection)
      // What is still on its way must not arrive after its repetition.
      this.#drop(line)
      throw new BusFailure(`RabbitMQ confirmed nothing within ${timeoutMs} ms`, { isTransient: true })
    })
    const failed = results.find((result) => result.status === 'rejected')
    if (failed === undefined) return
    const { message } = failureOf('RabbitMQ did not confirm every message', failed.reason)
    // Where the broker closed the channel it was for one message, and the client blames the first of all that were on their way.
    throw new BusFailure(message, { isTransient: true, cause: failed.reason })
  }

  /** Asks on a channel of its own: a message for an exchange that is not there would end the channel for all others. */
  #findTopic(topic: string): Promise<void> {
    if (this.#preparedTopics.has(topic)) return Promise.resolve()
    const asked = this.#foundTopics.get(topic)
    if (asked) return asked
    const { connection } = this.#openLine()
    const found = connection
      .withChannel((channel) => channel.exchangeDeclare({ exchange: topic, passive: true }))
      .catch((error: unknown) => {
        this.#foundTopics.delete(topic)
        throw failureOf('RabbitMQ has no such topic', error)
      })
    this.#foundTopics.set(topic, found)
    return found
  }

  #openLine(): Line {
    if (this.#isClosed) throw new BusFailure('The bus is closed', { isTransient: false })
    this.#line ??= { connection: new BrokerConnection(this.#options, 'publishing'), channel: undefined }
    return this.#line
  }

  #openChannel(line: Line): Promise<Channel> {
    line.channel ??= this.#makeChannel(line).catch((error: unknown) => {
      line.channel = undefined
      const failure = failureOf('RabbitMQ gave no channel for publishing', error)
      this.#options.onTrouble?.(failure)
      throw failure
    })
    return line.channel
  }

  async #makeChannel(line: Line): Promise<Channel> {
    const channel = await line.connection.openChannel()
    // A broker may have lost what it had; a publication into an exchange that is not there ends the channel.
    for (const topic of this.#preparedTopics) await declareTopic(channel, topic)
    await channel.confirmSelect()
    channel.on('close', () => {
      line.channel = undefined
      // It may have ended because one of them is not there any more: to publish again would end the next one.
      this.#foundTopics.clear()
    })
    channel.on('basic.return', (returned) => {
      for (const unrouted of this.#unroutedOfCalls) unrouted.add(routeOf(returned))
      if (!this.#refusesUnroutable) this.#tellUnroutable(returned.exchange)
    })
    return channel
  }

  get #refusesUnroutable(): boolean {
    return (this.#options.unroutable ?? defaults.unroutable) === 'refuse'
  }

  #tellUnroutable(topic: string): void {
    if (this.#toldTopics.has(topic)) return
    this.#toldTopics.add(topic)
    this.#options.onUnroutable?.(topic)
  }

  #drop(line: Line): void {
    if (this.#line === line) this.#line = undefined
    line.connection.destroy()
  }
}

/** A blocked connection answers nothing, and the client would keep the messages in memory, those of the next attempt with them. */
function refuseWhileBlocked({ blockedReason }: BrokerConnection): void {
  if (blockedReason === undefined) return
  throw new BusFailure(`RabbitMQ takes no messages now: ${blockedReason}`, { isTransient: true })
}

function routeOf({ exchange, routingKey }: { exchange: string; routingKey: string }): string {
  return `${exchange}\n${routingKey}`
}
