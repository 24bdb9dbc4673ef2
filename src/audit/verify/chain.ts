import { type Checkpoint, hashLine, noPrevious, readLine } from '../seal/checkpoint.ts'
import { isSignedBy } from '../seal/signing-key.ts'

export type LinkFault = 'checkpoint-altered' | 'checkpoint-forged'

/** Where a chain of checkpoints stands, as far as it was followed. */
export interface Chain {
  checkpoint: number
  hash: string
  /** The key that must sign what follows; undefined before the first one. */
  key: string | undefined
  entriesInAll: number
}

export const emptyChain: Chain = { checkpoint: 0, hash: noPrevious, key: undefined, entriesInAll: 0 }

/**
 * Whether a line is the next checkpoint of the chain: its number, the hash of the one before, the key, the signature.
 * `isKnownKey` says which key may be the first one, and which one may take over.
 */
export function followChain(
  chain: Chain,
  line: string,
  isKnownKey: (key: string) => boolean,
): { checkpoint: Checkpoint; chain: Chain } | LinkFault {
  const read = readLine(line)
  if (!read) return 'checkpoint-altered'
  const { checkpoint, text, signature } = read
  const { key, nextKey } = checkpoint
  if (key !== (chain.key ?? key) || !isKnownKey(key) || (nextKey !== undefined && !isKnownKey(nextKey)))
    return 'checkpoint-forged'
  const entriesInAll = chain.entriesInAll + checkpoint.entries
  const isNext =
    checkpoint.checkpoint === chain.checkpoint + 1 &&
    checkpoint.previous === chain.hash &&
    checkpoint.entriesInAll === entriesInAll &&
    isSignedBy(key, text, signature)
  if (!isNext) return 'checkpoint-altered'
  const next = { checkpoint: checkpoint.checkpoint, hash: hashLine(line), key: nextKey ?? key, entriesInAll }
  return { checkpoint, chain: next }
}
