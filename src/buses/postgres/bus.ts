import { Buffer } from 'node:buffer'
import type { Pool } from 'pg'
import { type Bus, type BusConsumer, BusFailure, type BusMessage, type TopicPlan } from '../../contract/bus.ts'
import { type Logger, silentLogger } from '../../contract/logger.ts'
import { createPool } from '../../database/pool.ts'
import { toBusFailure } from './bus-failure.ts'
import { type ConsumerLimits, PostgresConsumer } from './consumer.ts'
import { BusListener } from './listener.ts'
import { insertMessages, makeTopics } from './queries.ts'
import { startPruning } from './retention.ts'
import { WakeUp } from './wake-up.ts'

export interface PostgresBusOptions {
  /** Of a database that has been migrated. */
  url: string
  /** How long a consumer that died holds its partitions. */
  leaseMs?: number
  /** Longest wait for a wake-up that did not come. */
  pollMs?: number
  messageBytesMax?: number
  /** Of the messages in calls, in each consumer, of all its partitions together; the last one may exceed it. */
  prefetchBytesMax?: number
  poolSizeMax?: number
  logger?: Logger
}

const mebibyte = 1_048_576
const defaults = { leaseMs: 10_000, pollMs: 1_000, messageBytesMax: 8 * mebibyte, prefetchBytesMax: 16 * mebibyte }

/** A bus in tables of PostgreSQL: for who has no broker. Every message is written, read and deleted there. */
export function openPostgresBus(options: PostgresBusOptions): Bus {
  const { url, logger = silentLogger, messageBytesMax = defaults.messageBytesMax } = options
  const limits: ConsumerLimits = {
    leaseMs: options.leaseMs ?? defaults.leaseMs,
    pollMs: options.pollMs ?? defaults.pollMs,
    prefetchBytesMax: options.prefetchBytesMax ?? defaults.prefetchBytesMax,
  }
  const pool = createPool({ url, sizeMax: options.poolSizeMax ?? 6, applicationName: 'tillflow-bus', logger })
  const consumers = new Set<PostgresConsumer>()
  const listener = new BusListener(url, logger)
  const pruning = startPruning(pool, logger)
  const wakeUp = new WakeUp(pool)
  let isClosed = false
  const checkOpen = () => {
    if (isClosed) throw new BusFailure('the bus is closed', { isTransient: false })
  }
  return {
    name: 'postgres',
    features: { replay: true, partitions: true },
    prepareTopics: async (plans) => {
      checkOpen()
      await attempt('topics could not be prepared', () => prepareAll(pool, plans))
    },
    publish: async (messages) => {
      checkOpen()
      if (messages.length === 0) return
      checkLengths(messages, messageBytesMax)
      await attempt('messages could not be stored', () => storeAll(pool, messages))
      wakeUp.send()
    },
    subscribe: async (subscription): Promise<BusConsumer> => {
      checkOpen()
      const consumer = new PostgresConsumer(pool, subscription, limits)
      // Known before it has begun, so that a close in the meantime ends it.
      consumers.add(consumer)
      try {
        await attempt('the subscription failed', () => consumer.start())
        checkOpen()
      } catch (error) {
        consumers.delete(consumer)
        await consumer.close()
        throw error
      }
      const stopListening = listener.listen((haveMembersChanged) => consumer.wake(haveMembersChanged))
      return {
        close: async () => {
          stopListening()
          consumers.delete(consumer)
          await consumer.close()
        },
      }
    },
    close: async () => {
      if (isClosed) return
      isClosed = true
      await Promise.all([...consumers].map((consumer) => consumer.close()))
      await pruning.stop()
      await listener.close()
      await wakeUp.close()
      await pool.end()
    },
  }
}

async function attempt<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw toBusFailure(doing, error)
  }
}

async function prepareAll(pool: Pool, plans: readonly TopicPlan[]): Promise<void> {
  const tooSmall = await makeTopics(pool, plans)
  if (tooSmall.length === 0) return
  throw new BusFailure(`fewer partitions than are needed: ${tooSmall.join(', ')}`, { isTransient: false })
}

function checkLengths(messages: readonly BusMessage[], bytesMax: number): void {
  for (const { topic, body, headers, cloudEvent } of messages) {
    const bytes = body.byteLength + Buffer.byteLength(JSON.stringify([headers, cloudEvent]))
    if (bytes <= bytesMax) continue
    throw new BusFailure(`a message for ${topic} has ${bytes} bytes; ${bytesMax} are allowed`, { isTransient: false })
  }
}

/** Short enough for one statement, so that a large publish does not hold readers back for long. */
const statementBytesMax = 4 * mebibyte
const statementMessagesMax = 2_000

async function storeAll(pool: Pool, messages: readonly BusMessage[]): Promise<void> {
  for (let from = 0; from < messages.length; ) {
    let to = from
    for (let bytes = 0; to < messages.length && to - from < statementMessagesMax; to += 1) {
      bytes += messages[to]?.body.byteLength ?? 0
      if (to > from && bytes > statementBytesMax) break
    }
    const part = messages.slice(from, to)
    if ((await insertMessages(pool, part)) < part.length) {
      throw new BusFailure('there is no such topic, or not the partition that is asked for: prepare it first', {
        isTransient: false,
      })
    }
    from = to
  }
}
