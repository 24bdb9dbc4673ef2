/** How many parts the journal is delivered in. Fixed: the shard is stored with every event. */
export const shardsCount = 64

/** The shard of an ordering key: FNV-1a over UTF-16 code units, so that the same key always lands in the same shard. */
export function shardOf(orderingKey: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < orderingKey.length; index += 1) {
    hash = Math.imul(hash ^ orderingKey.charCodeAt(index), 0x01000193)
  }
  // FNV's low bits are weak for short keys that differ in the last character only.
  hash ^= hash >>> 15
  return (Math.imul(hash, 0x2c1b3c6d) >>> 26) % shardsCount
}
