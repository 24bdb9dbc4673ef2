import { type KafkaMessage, sizeOf } from './message.ts'

/** Below what brokers take as one batch of a partition unless they are set up otherwise (1,048,588 bytes), with room for its head. */
const batchBytesMax = 1_000_000
/** A request holds one batch of each partition; brokers take 100 MB, and we keep it in memory three times. */
const requestBytesMax = 8_000_000

/**
 * Cuts messages into requests, in order: a request that follows holds what comes later in each partition, so that sending one
 * after the other keeps every partition's order. A message that is larger than a batch may be is alone in its batch, for the
 * broker to judge.
 */
export function splitIntoRequests(messages: readonly KafkaMessage[]): KafkaMessage[][] {
  const requests: KafkaMessage[][] = []
  let request: KafkaMessage[] = []
  let requestBytes = 0
  let batchBytes = new Map<string, number>()
  for (const message of messages) {
    const bytes = sizeOf(message)
    const batch = `${message.topic}/${message.partition}`
    const batchBefore = batchBytes.get(batch) ?? 0
    const isFull = (batchBefore > 0 && batchBefore + bytes > batchBytesMax) || requestBytes + bytes > requestBytesMax
    if (isFull && request.length > 0) {
      requests.push(request)
      request = []
      requestBytes = 0
      batchBytes = new Map()
    }
    request.push(message)
    requestBytes += bytes
    batchBytes.set(batch, (batchBytes.get(batch) ?? 0) + bytes)
  }
  if (request.length > 0) requests.push(request)
  return requests
}
