import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionPool, ListOffsetTimestamps } from '@platformatic/kafka'
import type { BusConsumer, PartitionRef, Subscription } from '../../contract/bus.ts'
import { createCommitQueue } from './commit-queue.ts'
import { toBusFailure } from './failure.ts'
import { startFetching } from './fetch-loop.ts'
import { type HeldPartition, holdPartition, partitionKey } from './held-partition.ts'
import { createMembership } from './membership.ts'
import { clientOptions, type KafkaSettings } from './options.ts'
import type { Prefetch } from './prefetch.ts'
import { retryDelayMs, retryUntil, unlessClosed } from './retry.ts'
import { findStart } from './start-offsets.ts'

/** Of a session: a call that takes longer while its partition is taken away is told so, and not waited for. */
const revokeShareOfSession = 0.6
/** A call on its way is waited for so long at the end; a process that is told to end is killed soon after. */
const closeWaitMaxMs = 15_000
/** While a broker is away, everything fails several times a second with the same words. */
const sameTroubleMs = 5_000
const troublesMax = 100

/** Joins a group and calls for the messages of the partitions that it gives us, until it is closed; gives up joining when `closing` aborts. */
export async function consume(
  settings: KafkaSettings,
  subscription: Subscription,
  closing: AbortSignal,
): Promise<BusConsumer> {
  const { topics, group } = subscription
  const held = new Map<string, HeldPartition>()
  const prefetch: Prefetch = {
    messagesMax: subscription.prefetchMax,
    bytesMax: settings.prefetchBytesMax,
    messages: 0,
    bytes: 0,
  }
  const ended = new AbortController()
  const toldAt = new Map<string, number>()
  const onTrouble = (doing: string) => (error: unknown) => {
    const failure = toBusFailure(error, doing)
    const now = Date.now()
    if (ended.signal.aborted || now - (toldAt.get(failure.message) ?? 0) < sameTroubleMs) return
    if (toldAt.size > troublesMax) toldAt.clear()
    toldAt.set(failure.message, now)
    subscription.onTrouble?.(failure)
  }
  let changes: Promise<void> = Promise.resolve()
  /** Changes of what we hold follow each other. */
  const change = (work: () => Promise<void>): Promise<void> => {
    changes = changes.catch(() => {}).then(work)
    return changes
  }

  const giveUp = async (partitions: readonly HeldPartition[], isTaken: boolean): Promise<void> => {
    if (partitions.length === 0) return
    for (const { key } of partitions) held.delete(key)
    const waitMaxMs = isTaken ? settings.sessionTimeoutMs * revokeShareOfSession : closeWaitMaxMs
    await Promise.all(partitions.map((partition) => partition.stop({ isTaken, waitMaxMs })))
    try {
      await subscription.onRevoked?.(partitions.map(({ ref }) => ref))
    } catch (error) {
      // They are given up all the same: those that come instead must be begun.
      subscription.onTrouble?.(toBusFailure(error, 'partitions were not given up well'))
    }
  }
  const giveUpAllBut = async (kept: readonly PartitionRef[]): Promise<void> => {
    const keys = new Set(kept.map(partitionKey))
    await giveUp(
      [...held.values()].filter(({ key }) => !keys.has(key)),
      true,
    )
  }

  /** Tried until it succeeds: partitions that nobody reads would be noticed late. */
  const begin = async (added: readonly PartitionRef[], isWanted: () => boolean) => {
    for (let attempt = 0; isWanted(); attempt += 1) {
      try {
        const offsets = await unlessClosed(ended.signal, () => findStart(membership.consumer, added))
        await subscription.onAssigned?.(added)
        return offsets
      } catch (error) {
        onTrouble('partitions could not be begun')(error)
        await sleep(retryDelayMs(attempt))
      }
    }
  }

  const takeOver = async (assigned: readonly PartitionRef[]): Promise<void> => {
    const isOurs = (ref: PartitionRef) =>
      membership.consumer.assignments?.some((one) => one.topic === ref.topic && one.partitions.includes(ref.partition))
    const added = assigned.filter((ref) => !held.has(partitionKey(ref)))
    if (added.length === 0 || ended.signal.aborted) return
    const offsets = await begin(added, () => !ended.signal.aborted && added.every(isOurs))
    if (!offsets) return
    for (const ref of added) {
      const offset = offsets.get(partitionKey(ref)) ?? 0n
      const partition = holdPartition({ ref, offset, subscription, prefetch, commits, onRoom: () => fetching.wake() })
      held.set(partition.key, partition)
    }
    fetching.wake()
  }

  const membership = createMembership({
    settings,
    group,
    topics,
    onAssigned: (partitions) =>
      change(async () => {
        await giveUpAllBut(partitions)
        await takeOver(partitions)
      }),
    onRejoin: (kept) => change(() => giveUpAllBut(kept)),
    onTrouble: onTrouble(`the group ${group} is not reached`),
  })
  const { consumer } = membership
  const commits = createCommitQueue(
    (offsets) => consumer.commit({ offsets }),
    onTrouble('offsets could not be committed'),
  )
  const connections = new ConnectionPool(settings.clientId, clientOptions(settings))
  const fetching = startFetching({
    consumer,
    connections,
    topics,
    prefetch,
    held: () => [...held.values()],
    onOffsetGone: async (partition) => {
      const { topic, partition: index } = partition.ref
      const offsets = await consumer.listOffsets({
        topics: [topic],
        partitions: { [topic]: [index] },
        timestamp: ListOffsetTimestamps.EARLIEST,
      })
      const first = offsets.get(topic)?.[index] ?? 0n
      // What lay between was deleted before we read it, or the topic was made anew: both must be seen.
      if (first !== partition.nextOffset) {
        const text = `of ${partition.key} the offset ${partition.nextOffset} is not there, and reading goes on at ${first}`
        onTrouble('messages are gone')(new Error(text))
        partition.accept([], first)
      }
    },
    onTrouble: onTrouble('messages could not be fetched'),
  })

  const close = async (): Promise<void> => {
    ended.abort()
    const stopped = fetching.stop()
    // Ends the request on its way, which a broker that hangs would answer late.
    await connections.close()
    await change(() => giveUp([...held.values()], false))
    await membership.leave()
    await stopped
  }
  try {
    await retryUntil({ doing: `the group ${group} could not be joined`, maxMs: settings.retryMaxMs, closing }, () =>
      membership.join(),
    )
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
  let closed: Promise<void> | undefined
  return {
    close() {
      closed ??= close()
      return closed
    },
  }
}
