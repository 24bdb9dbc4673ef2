import { IS_CONTROL, type RecordsBatch } from '@platformatic/kafka'
import type { PartitionRef, ReceivedMessage } from '../../contract/bus.ts'
import { decodeMessage } from './message.ts'

/**
 * The messages from an offset on, at most so many, and where to go on. A batch comes whole: what lies before the offset was read
 * already. Marks of transactions are no messages, and compaction leaves gaps: the next offset does not follow from the messages.
 */
export function readRecords(
  batches: readonly RecordsBatch[],
  ref: PartitionRef,
  fromOffset: bigint,
  messagesMax: number,
): { messages: ReceivedMessage[]; nextOffset: bigint } {
  const messages: ReceivedMessage[] = []
  let nextOffset = fromOffset
  for (const batch of batches) {
    if ((batch.attributes & IS_CONTROL) === 0) {
      for (const record of batch.records) {
        const offset = batch.firstOffset + BigInt(record.offsetDelta)
        if (offset < fromOffset) continue
        if (messages.length >= messagesMax) return { messages, nextOffset }
        messages.push(decodeMessage(record, { ...ref, offset }))
        nextOffset = offset + 1n
      }
    }
    const afterBatch = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
    if (afterBatch > nextOffset) nextOffset = afterBatch
  }
  return { messages, nextOffset }
}
