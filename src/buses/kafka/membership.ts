import { setTimeout as sleep } from 'node:timers/promises'
import { Base, Consumer, type GroupAssignment } from '@platformatic/kafka'
import type { PartitionRef } from '../../contract/bus.ts'
import { rememberRefusals, unlessRefused } from './certificate-refusals.ts'
import { clientOptions, type KafkaSettings } from './options.ts'
import { retryDelayMs } from './retry.ts'

/** Cooperative: partitions that stay where they are go on during a rebalance, and one that moves is given up before it is given away. */
const protocols = [{ name: 'cooperative-sticky', version: 3 }]
const heartbeatsPerSession = 10
/** Over the time that a join may take, in which the others of the group finish their calls. */
const joinGraceMs = 10_000
/** The broker is told that we leave if it can be told; otherwise it finds out by itself. */
const leaveMaxMs = 3_000

export interface Membership {
  readonly consumer: Consumer
  /** Joins the group for the first time. */
  join(): Promise<void>
  leave(): Promise<void>
}

export interface MembershipOptions {
  settings: KafkaSettings
  group: string
  topics: readonly string[]
  /** The partitions that are ours now. The group goes on when it resolves, and gives others away. */
  onAssigned(partitions: readonly PartitionRef[]): Promise<void>
  /** Before we join again: all partitions but these are not ours any more. */
  onRejoin(kept: readonly PartitionRef[]): Promise<void>
  onTrouble(error: unknown): void
}

/** A place in a consumer group that is taken again whenever it is lost. */
export function createMembership(options: MembershipOptions): Membership {
  const { settings, onTrouble } = options
  let isLeaving = false
  let isRejoining = false
  const consumer: Consumer = new Consumer({
    ...clientOptions(settings),
    groupId: options.group,
    autocommit: false,
    sessionTimeout: settings.sessionTimeoutMs,
    rebalanceTimeout: settings.sessionTimeoutMs * 2,
    heartbeatStallTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: Math.ceil(settings.sessionTimeoutMs / heartbeatsPerSession),
    requestTimeout: settings.sessionTimeoutMs * 2 + joinGraceMs,
    protocols,
    // Asked before each join, and waited for: the one moment in which partitions can be given up in time.
    protocolsMetadata: async () => {
      await options.onRejoin(flatten(consumer.assignments)).catch(onTrouble)
      return Buffer.alloc(0)
    },
  })
  rememberRefusals(consumer, settings)
  consumer.topics.trackAll(...options.topics)

  const rejoin = async (): Promise<void> => {
    if (isRejoining) return
    isRejoining = true
    for (let attempt = 0; !isLeaving; attempt += 1) {
      await sleep(retryDelayMs(attempt))
      try {
        if (!isLeaving) await unlessRefused(consumer, () => consumer.joinGroup({}))
        break
      } catch (error) {
        onTrouble(error)
      }
    }
    isRejoining = false
  }

  consumer.on('consumer:group:join', ({ assignments }) => {
    void options.onAssigned(flatten(assignments ?? null)).catch(onTrouble)
  })
  consumer.on('consumer:heartbeat:error', ({ error }) => onTrouble(error))
  consumer.on('consumer:heartbeat:stalled', () => {
    // For the group we are dead by now, and others have what was ours.
    void options.onRejoin([]).catch(onTrouble)
    void rejoin()
  })
  // The client has given up joining again after a rebalance.
  consumer.on('error' as never, (error: unknown) => {
    onTrouble(error)
    void rejoin()
  })

  return {
    consumer,
    async join() {
      await unlessRefused(consumer, () => consumer.joinGroup({}))
    },
    async leave() {
      isLeaving = true
      // Waits for the broker to say that we left. Its connections would keep the process alive until then.
      const timer = setTimeout(() => void Base.prototype.close.call(consumer).catch(onTrouble), leaveMaxMs)
      await consumer.close(true).catch(onTrouble)
      clearTimeout(timer)
    },
  }
}

function flatten(assignments: readonly GroupAssignment[] | null): PartitionRef[] {
  return (assignments ?? []).flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
}
