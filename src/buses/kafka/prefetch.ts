/** What waits in memory in one consumer, and how much one partition may have of it. */
export interface Prefetch {
  messagesMax: number
  bytesMax: number
  /** Of all partitions together. */
  messages: number
  bytes: number
}

/**
 * How many messages more a partition may take: half of what is free, so that one whose calls hang or fail cannot starve the
 * others, and always its share of half of everything. One alone gets everything.
 */
export function roomOf(prefetch: Prefetch, messagesHere: number, partitionsCount: number): number {
  if (prefetch.bytes >= prefetch.bytesMax && messagesHere > 0) return 0
  const free = prefetch.messagesMax - prefetch.messages
  if (partitionsCount === 1) return Math.max(0, free)
  const share = Math.max(1, Math.floor(prefetch.messagesMax / (2 * partitionsCount)))
  return Math.max(share, Math.floor((free + messagesHere) / 2)) - messagesHere
}
