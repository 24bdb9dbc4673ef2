import { createHash } from 'node:crypto'
import { type ConflictPosition, conflictsBeginning } from '../../intake/read-to-seal.ts'
import type { JournalPosition } from '../../journal/event.ts'
import { journalBeginning } from '../../journal/read-to-seal.ts'
import { type ActPosition, actsBeginning } from './queries.ts'
import { signText } from './signing-key.ts'

/** Up to where everything is sealed. */
export interface Reach {
  journal: JournalPosition
  conflicts: ConflictPosition
  acts: ActPosition
}

/** What a checkpoint says. It is signed as its JSON text, and kept as that text: nobody writes it a second time. */
export interface Checkpoint extends Reach {
  format: 'tillflow-checkpoint-1'
  /** From 1, without gaps. */
  checkpoint: number
  at: string
  /** SHA-256 of the line of the checkpoint before, as hexadecimal; of the first one 64 zeros. */
  previous: string
  /** What a leaf is made of (`leafVersion`). */
  leaves: number
  /** How many are sealed here, and by all checkpoints until now. */
  entries: number
  entriesInAll: number
  /** Root of their Merkle tree, as hexadecimal. */
  root: string
  /** The key that signs this one, and the one that signs what follows, where it is another. */
  key: string
  nextKey?: string
}

export const beginning: Reach = { journal: journalBeginning, conflicts: conflictsBeginning, acts: actsBeginning }
export const noPrevious = '0'.repeat(64)

/** `<JSON> <tab> <signature, base64url>`: a line of the checkpoint file, without its end. */
export function writeLine(checkpoint: Checkpoint, privateKey: Parameters<typeof signText>[0]): string {
  const text = JSON.stringify(checkpoint)
  return `${text}\t${signText(privateKey, text)}`
}

export interface ReadLine {
  checkpoint: Checkpoint
  text: string
  signature: string
}

/** Undefined: it is no checkpoint. */
export function readLine(line: string): ReadLine | undefined {
  const [text = '', signature, ...more] = line.split('\t')
  if (signature === undefined || more.length > 0) return undefined
  try {
    const checkpoint: unknown = JSON.parse(text)
    return isCheckpoint(checkpoint) ? { checkpoint, text, signature } : undefined
  } catch {
    return undefined
  }
}

function isCheckpoint(value: unknown): value is Checkpoint {
  const { format, checkpoint, journal, conflicts, acts, ...rest } = Object(value) as Partial<Checkpoint>
  const texts = [rest.at, rest.previous, rest.root, rest.key, journal?.xid, journal?.position]
  texts.push(conflicts?.xid, conflicts?.conflictId, acts?.xid, acts?.actId)
  const numbers = [checkpoint, rest.leaves, rest.entries, rest.entriesInAll]
  return (
    format === 'tillflow-checkpoint-1' &&
    texts.every((text) => typeof text === 'string') &&
    numbers.every((number) => Number.isSafeInteger(number)) &&
    ['string', 'undefined'].includes(typeof rest.nextKey)
  )
}

export function hashLine(line: string): string {
  return createHash('sha256').update(line).digest('hex')
}
