import { setTimeout as sleep } from 'node:timers/promises'
import type { CommitOptionsPartition } from '@platformatic/kafka'
import type { PartitionRef } from '../../contract/bus.ts'
import { retryDelayMs } from './retry.ts'

export interface CommitQueue {
  /** Resolves when the offset is committed, or when it is not for us any more to try: then the messages come again to somebody. */
  commit(ref: PartitionRef, offset: bigint, right: CommitRight): Promise<void>
}

export interface CommitRight {
  /** Nobody else can have the partition yet. Asked before each request: another may have committed more since, and be set back. */
  maySend(): boolean
  /** It is worth another try when one failed. */
  isHeld(): boolean
}

interface Waiting {
  offset: CommitOptionsPartition
  right: CommitRight
  resolve: () => void
}

/** Commits of many partitions in few requests, one after the other: what comes meanwhile goes together. */
export function createCommitQueue(
  send: (offsets: CommitOptionsPartition[]) => Promise<void>,
  onTrouble: (error: unknown) => void,
): CommitQueue {
  let waiting: Waiting[] = []
  let isFlushing = false

  const flush = async (): Promise<void> => {
    isFlushing = true
    for (let attempt = 0; waiting.length > 0; ) {
      const batch = waiting.filter(({ right }) => right.maySend())
      for (const one of waiting) if (!batch.includes(one)) one.resolve()
      waiting = []
      if (batch.length === 0) break
      try {
        await send(batch.map(({ offset }) => offset))
        attempt = 0
        for (const { resolve } of batch) resolve()
      } catch (error) {
        onTrouble(error)
        const kept = batch.filter(({ right }) => right.isHeld())
        for (const one of batch) if (!kept.includes(one)) one.resolve()
        if (kept.length > 0) await sleep(retryDelayMs(attempt))
        attempt += 1
        waiting = [...kept, ...waiting]
      }
    }
    isFlushing = false
  }

  return {
    commit: ({ topic, partition }, offset, right) =>
      new Promise((resolve) => {
        waiting.push({ offset: { topic, partition, offset, leaderEpoch: -1 }, right, resolve })
        if (!isFlushing) void flush()
      }),
  }
}
