import { openLines } from '../seal/checkpoint-file.ts'
import { emptyChain, followChain } from './chain.ts'
import type { Fault } from './fault.ts'

export interface FileReport {
  fault?: Fault
  checkpoints: number
  entriesInAll: number
  /** The key that signs what follows. */
  key?: string
}

/**
 * Follows the checkpoint file by itself, without the database and the master key: each line is signed and follows the one before.
 * `firstKey`: the public key that must have signed the first one; without it that one is believed.
 */
export async function verifyFile(path: string, firstKey?: string): Promise<FileReport | undefined> {
  const lines = await openLines(path)
  if (!lines) return undefined
  let chain = emptyChain
  for await (const line of lines) {
    const isFirst = chain.checkpoint === 0
    const link = followChain(chain, line, (key) => !isFirst || firstKey === undefined || key === firstKey)
    if (typeof link === 'string') return { ...reportOf(chain), fault: { kind: link, checkpoint: chain.checkpoint + 1 } }
    chain = link.chain
  }
  return reportOf(chain)
}

function reportOf({ checkpoint, entriesInAll, key }: typeof emptyChain): FileReport {
  return { checkpoints: checkpoint, entriesInAll, ...(key !== undefined && { key }) }
}
