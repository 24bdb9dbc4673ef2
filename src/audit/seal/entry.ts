import { MerkleTree } from '../merkle/merkle-tree.ts'

/** One thing that is sealed: an event of the journal, a raw record, an act. */
export interface Entry {
  kind: 'event' | 'raw' | 'act'
  /** A uuid; of an act its number. */
  id: string
  /** SHA-256 of its canonical encoding (`leaf.ts`). */
  digest: Buffer
  /** What it is of was taken away; its digest is of what was noted then, together with others under this name (null: under none). */
  emptied?: { portion: string | null }
}

const kinds = ['event', 'raw', 'act'] as const
const digestLength = 32
const idLength = 16
/** Kind (1 byte), id (16), digest (32): the data of a leaf, so that the root also vouches for the name of what is gone. */
export const entryLength = 1 + idLength + digestLength

export function encodeEntry(entry: Entry): Buffer {
  return Buffer.concat([encodeName(entry), entry.digest])
}

/** The first bytes of an entry: what it is of, whatever became of it. */
export function encodeName({ kind, id }: Pick<Entry, 'kind' | 'id'>): Buffer {
  const hex =
    kind === 'act'
      ? BigInt(id)
          .toString(16)
          .padStart(2 * idLength, '0')
      : id.replaceAll('-', '')
  return Buffer.concat([Buffer.from([kinds.indexOf(kind)]), Buffer.from(hex, 'hex')])
}

/** Undefined beyond the end, or where the bytes are no entry. */
export function entryAt(entries: Buffer, index: number): Entry | undefined {
  const bytes = entries.subarray(index * entryLength, (index + 1) * entryLength)
  const kind = kinds[bytes[0] ?? -1]
  if (kind === undefined || bytes.length < entryLength) return undefined
  const hex = bytes.subarray(1, 1 + idLength).toString('hex')
  const id = kind === 'act' ? BigInt(`0x${hex}`).toString() : hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return { kind, id, digest: bytes.subarray(1 + idLength) }
}

/** Root of the Merkle tree whose leaves these entries are, as hexadecimal. */
export function rootOfEntries(entries: Buffer): string {
  const tree = new MerkleTree()
  for (let from = 0; from < entries.length; from += entryLength) tree.add(entries.subarray(from, from + entryLength))
  return tree.root().toString('hex')
}
