import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterMetadata, ConnectionPool, Consumer } from '@platformatic/kafka'
import { collectErrors, hasProtocolError } from './failure.ts'
import type { HeldPartition } from './held-partition.ts'
import { type Prefetch, roomOf } from './prefetch.ts'
import { readRecords } from './read-records.ts'
import { retryDelayMs } from './retry.ts'

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>

interface Asked {
  partition: HeldPartition
  offset: bigint
}

/** How long a broker waits for messages where there are none. */
const idleWaitMs = 500
/** The same while a partition is left out because it has enough: it may have room before that. */
const busyWaitMs = 20
const responseBytesMax = 8 * 1_048_576
const partitionBytesMin = 16_384
const partitionBytesMax = 1_048_576
/** OFFSET_OUT_OF_RANGE in the protocol. */
const offsetGoneCode = 1
/** The broker, or the client after an answer with an error, lost count of what was asked for: next time it asks for all of it. */
const sessionErrors = ['FETCH_SESSION_ID_NOT_FOUND', 'INVALID_FETCH_SESSION_EPOCH']

export interface FetchLoop {
  /** There may be something to fetch that there was not. */
  wake(): void
  stop(): Promise<void>
}

/** Fetches for all partitions that have room: from each broker one request at a time, so that a quiet one does not hold up the others. */
export function startFetching(options: {
  consumer: Consumer
  /** Connections of its own: a commit would wait behind a fetch. */
  connections: ConnectionPool
  topics: readonly string[]
  prefetch: Prefetch
  held: () => readonly HeldPartition[]
  /** The partition's offset is not there any more: find out from where to go on. */
  onOffsetGone: (partition: HeldPartition) => Promise<void>
  onTrouble: (error: unknown) => void
}): FetchLoop {
  const { consumer, prefetch } = options
  const onTheirWay = new Map<number, Promise<void>>()
  /** Until when a partition with an error is left out, since with it the client throws the answer for all of them. */
  const restsUntil = new WeakMap<HeldPartition, number>()
  let isStopped = false
  let woken = Promise.withResolvers<void>()
  let failuresCount = 0

  const fetchFrom = async (
    node: number,
    metadata: ClusterMetadata,
    wanted: readonly HeldPartition[],
    waitMs: number,
  ) => {
    const asked = wanted.map((partition) => ({ partition, offset: partition.nextOffset }))
    try {
      const response = await consumer.fetch({
        node,
        topics: asked.map(({ partition, offset }) =>
          toFetch(partition, offset, metadata, prefetch, options.held().length),
        ),
        connectionPool: options.connections,
        maxWaitTime: waitMs,
        minBytes: 1,
        maxBytes: responseBytesMax,
      })
      failuresCount = 0
      take(response, asked)
    } catch (error) {
      if (isStopped) return
      if (sessionErrors.some((apiId) => hasProtocolError(error, apiId))) return
      failuresCount += 1
      options.onTrouble(error)
      const failed = failedIn(error, asked)
      for (const { partition, errorCode } of failed) await setRight(partition, errorCode)
      // What came for the others is asked for again at once: of a thrown answer the client has not removed aborted transactions.
      if (failed.length === 0) await sleep(retryDelayMs(failuresCount))
    }
  }

  const setRight = async (partition: HeldPartition, errorCode: number) => {
    try {
      if (errorCode === offsetGoneCode) return await options.onOffsetGone(partition)
    } catch (error) {
      options.onTrouble(error)
    }
    restsUntil.set(partition, Date.now() + retryDelayMs(failuresCount))
  }

  const isAsAsked = ({ partition, offset }: Asked) =>
    // It may have been taken away, given back, or set to another offset meanwhile.
    options.held().includes(partition) && partition.nextOffset === offset

  const answerFor = (response: FetchResponse, { ref }: HeldPartition) =>
    response.responses
      .find(({ topicId }) => topicId === consumer.currentMetadata?.topics.get(ref.topic)?.id)
      ?.partitions.find(({ partitionIndex }) => partitionIndex === ref.partition)

  /** Those of the partitions that have an error of their own. */
  const failedIn = (error: unknown, asked: readonly Asked[]) => {
    const response = thrownAnswer(error)
    return asked.filter(isAsAsked).flatMap(({ partition }) => {
      const errorCode = (response && answerFor(response, partition)?.errorCode) ?? 0
      return errorCode === 0 ? [] : [{ partition, errorCode }]
    })
  }

  const take = (response: FetchResponse, asked: readonly Asked[]) => {
    for (const { partition, offset } of asked.filter(isAsAsked)) {
      const answer = answerFor(response, partition)
      if (!answer?.records?.length) continue
      const room = roomOf(prefetch, partition.waitingCount, options.held().length)
      const { messages, nextOffset } = readRecords(answer.records, partition.ref, offset, room)
      partition.accept(messages, nextOffset)
    }
  }

  const planAndFetch = async (): Promise<void> => {
    const held = options.held()
    const now = Date.now()
    const isWanted = (partition: HeldPartition) =>
      roomOf(prefetch, partition.waitingCount, held.length) > 0 && (restsUntil.get(partition) ?? 0) <= now
    if (!held.some(isWanted)) return
    const metadata = await consumer.metadata({ topics: [...options.topics], forceUpdate: failuresCount > 0 })
    const byNode = Map.groupBy(
      held,
      ({ ref }) => metadata.topics.get(ref.topic)?.partitions[ref.partition]?.leader ?? -1,
    )
    for (const [node, partitions] of byNode) {
      if (node < 0 || onTheirWay.has(node)) continue
      const wanted = partitions.filter(isWanted)
      if (wanted.length === 0) continue
      const waitMs = wanted.length < partitions.length ? busyWaitMs : idleWaitMs
      const fetched = fetchFrom(node, metadata, wanted, waitMs).finally(() => onTheirWay.delete(node))
      onTheirWay.set(node, fetched)
    }
  }

  const run = async (): Promise<void> => {
    while (!isStopped) {
      try {
        await planAndFetch()
      } catch (error) {
        failuresCount += 1
        options.onTrouble(error)
        await sleep(retryDelayMs(failuresCount))
      }
      // Without a leader there is nobody to ask, and nothing that would wake us when there is one.
      if (onTheirWay.size === 0) await Promise.race([woken.promise, sleep(idleWaitMs)])
      else await Promise.race([...onTheirWay.values(), woken.promise])
      woken = Promise.withResolvers()
    }
    await Promise.all(onTheirWay.values())
  }
  const ended = run()

  return {
    wake: () => woken.resolve(),
    async stop() {
      isStopped = true
      woken.resolve()
      await ended
    },
  }
}

/** The answer for all partitions that the client threw, because one of them has an error. */
function thrownAnswer(error: unknown): FetchResponse | undefined {
  const all = collectErrors(error) as (Error & { response?: Partial<FetchResponse> })[]
  return all.find(({ response }) => response?.responses !== undefined)?.response as FetchResponse | undefined
}

function toFetch(
  { ref, waitingCount, messageBytes }: HeldPartition,
  fetchOffset: bigint,
  metadata: ClusterMetadata,
  prefetch: Prefetch,
  partitionsCount: number,
) {
  const wantedBytes = Math.ceil(roomOf(prefetch, waitingCount, partitionsCount) * messageBytes * 1.25)
  // A share of what is free: all partitions may be answered at the same time.
  const freeBytes = Math.max(0, prefetch.bytesMax - prefetch.bytes)
  const roomBytes = Math.min(wantedBytes, Math.floor(freeBytes / Math.max(1, partitionsCount)))
  const partition = {
    partition: ref.partition,
    fetchOffset,
    partitionMaxBytes: Math.min(Math.max(roomBytes, partitionBytesMin), partitionBytesMax),
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  }
  return { topicId: metadata.topics.get(ref.topic)?.id ?? '', partitions: [partition] }
}
