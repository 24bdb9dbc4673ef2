import { setTimeout as sleep } from 'node:timers/promises'
import type { CommitOptionsPartition } from '@platformatic/kafka'
import type { PartitionRef } from '../../contract/bus.ts'
import { retryDelayMs } from './retry.ts'

export interface CommitQueue {
  /**
   * Resolves when the offset is committed, or when it failed and the partition is not held any more: then the messages come again
   * to somebody. It is tried again as long as the partition is held.
   */
  commit(ref: PartitionRef, offset: bigint, isHeld: () => boolean): Promise<void>
}

interface Waiting {
  offset: CommitOptionsPartition
  isHeld: () => boolean
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
      const batch = waiting
      waiting = []
      try {
        await send(batch.map(({ offset }) => offset))
        attempt = 0
        for (const { resolve } of batch) resolve()
      } catch (error) {
        onTrouble(error)
        const kept = batch.filter(({ isHeld }) => isHeld())
        for (const one of batch) if (!kept.includes(one)) one.resolve()
        if (kept.length > 0) await sleep(retryDelayMs(attempt))
        attempt += 1
        waiting = [...kept, ...waiting]
      }
    }
    isFlushing = false
  }

  return {
    commit: ({ topic, partition }, offset, isHeld) =>
      new Promise((resolve) => {
        waiting.push({ offset: { topic, partition, offset, leaderEpoch: -1 }, isHeld, resolve })
        if (!isFlushing) void flush()
      }),
  }
}
