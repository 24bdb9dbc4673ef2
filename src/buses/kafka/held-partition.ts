import { setTimeout as sleep } from 'node:timers/promises'
import type { PartitionRef, ReceivedMessage, Subscription } from '../../contract/bus.ts'
import type { CommitQueue } from './commit-queue.ts'
import { toBusFailure } from './failure.ts'
import type { Prefetch } from './prefetch.ts'
import { retryDelayMs } from './retry.ts'

/** A partition that this consumer has: what was fetched of it, and the one call that is on its way. */
export interface HeldPartition {
  readonly ref: PartitionRef
  readonly key: string
  /** From where to fetch next. */
  readonly nextOffset: bigint
  readonly waitingCount: number
  /** Of what was fetched so far: to ask for about as many bytes as there is room for messages. */
  readonly messageBytes: number
  /** Takes messages, in order, and goes on to this offset. */
  accept(messages: readonly ReceivedMessage[], nextOffset: bigint): void
  /** Ends without another call. `isTaken`: the partition was taken away, and the call on its way is told so. Resolves when that has ended, or did not in time. */
  stop(options: { isTaken: boolean; waitMaxMs: number }): Promise<void>
}

/** At the end, for the commit of a call that has ended: where a broker hangs, its messages come again. */
const lastCommitMaxMs = 3_000

export const partitionKey = ({ topic, partition }: PartitionRef) => `${topic}/${partition}`

export function holdPartition(options: {
  ref: PartitionRef
  offset: bigint
  subscription: Subscription
  prefetch: Prefetch
  commits: CommitQueue
  onRoom: () => void
}): HeldPartition {
  const { ref, subscription, prefetch, commits } = options
  const waiting: ReceivedMessage[] = []
  const taken = new AbortController()
  const stopping = new AbortController()
  const closing = new AbortController()
  let nextOffset = options.offset
  let messageBytes = 1_024
  let wake = Promise.withResolvers<void>()
  let isLate = false

  const forget = (count: number) => {
    for (const { body } of waiting.splice(0, count)) {
      prefetch.messages -= 1
      prefetch.bytes -= body.length
    }
  }

  const callOnce = async (batch: readonly ReceivedMessage[]): Promise<boolean> => {
    try {
      await subscription.onMessages(batch, ref, taken.signal)
      return true
    } catch (error) {
      subscription.onTrouble?.(toBusFailure(error, `messages of ${partitionKey(ref)} were not taken`))
      return false
    }
  }

  const commit = async (offset: bigint): Promise<void> => {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    let timer: NodeJS.Timeout | undefined
    const hurry = () => {
      timer = setTimeout(() => {
        isLate = true
        resolve()
      }, lastCommitMaxMs)
    }
    if (closing.signal.aborted) hurry()
    closing.signal.addEventListener('abort', hurry, { once: true })
    const right = { maySend: () => !isLate, isHeld: () => !stopping.signal.aborted }
    await Promise.race([commits.commit(ref, offset, right), late])
    closing.signal.removeEventListener('abort', hurry)
    clearTimeout(timer)
  }

  const run = async (): Promise<void> => {
    for (let attempt = 0; !stopping.signal.aborted; ) {
      const batch = waiting.slice(0, subscription.batchMax)
      const last = batch.at(-1)
      if (!last) {
        await wake.promise
        continue
      }
      if (!(await callOnce(batch))) {
        for (const [index, message] of batch.entries()) waiting[index] = { ...message, redelivered: true }
        await sleep(retryDelayMs(attempt), undefined, { signal: stopping.signal }).catch(() => {})
        attempt += 1
        continue
      }
      attempt = 0
      forget(batch.length)
      // It may be another's by now, which has committed more: these messages come again.
      if (isLate) break
      options.onRoom()
      await commit(BigInt(last.offset) + 1n)
    }
    forget(waiting.length)
  }
  const ended = run()

  return {
    ref,
    key: partitionKey(ref),
    get nextOffset() {
      return nextOffset
    },
    get waitingCount() {
      return waiting.length
    },
    get messageBytes() {
      return messageBytes
    },
    accept(messages, offset) {
      nextOffset = offset
      if (stopping.signal.aborted) return
      for (const message of messages) {
        waiting.push(message)
        prefetch.messages += 1
        prefetch.bytes += message.body.length
        messageBytes += (message.body.length + 100 - messageBytes) / 50
      }
      wake.resolve()
      wake = Promise.withResolvers()
    },
    async stop({ isTaken, waitMaxMs }) {
      stopping.abort()
      if (isTaken) taken.abort()
      else closing.abort()
      wake.resolve()
      const timer = new AbortController()
      const tooLong = sleep(waitMaxMs, undefined, { signal: timer.signal }).then(
        () => {
          isLate = true
        },
        () => {},
      )
      await Promise.race([ended, tooLong])
      timer.abort()
      taken.abort()
    },
  }
}
