import type { ClientBase, Pool } from 'pg'
import { readRawRecordsToSeal } from '../../intake/read-to-seal.ts'
import type { JournalPosition } from '../../journal/event.ts'
import { findEventIds } from '../../journal/queries.ts'
import { countEventsBehind } from '../../journal/read-to-seal.ts'
import type { Reference } from '../../privacy/references.ts'
import type { Reach } from '../seal/checkpoint.ts'
import { type Entry, encodeEntry, encodeName, entryAt, entryLength } from '../seal/entry.ts'
import { isActThere, isSealedAnywhere } from '../seal/queries.ts'
import { readEntries } from '../seal/read-entries.ts'
import type { Emptyings } from './emptyings.ts'
import type { FaultKind } from './fault.ts'

type Queryable = Pool | ClientBase

/** What a checkpoint sealed, and between which places it lies. */
export interface SealedRange {
  from: Reach
  until: Reach
  /** Its list of entries (`encodeEntry`). */
  entries: Buffer
}

export interface Difference {
  kind: FaultKind
  entry: Pick<Entry, 'kind' | 'id'>
  /** Place in the list, from 0. */
  index: number
}

/** Raw records whose bytes are gone, and events whose free text is. */
export interface EmptiedCounts {
  emptied: number
  emptiedTexts: number
}

/** Reads the range once more, and gives back the first entry that is not what the list says; it stops there. */
export async function compareEntries(
  db: Queryable,
  { refer, emptyings }: { refer: Reference; emptyings: Emptyings },
  range: SealedRange,
): Promise<{ difference?: Difference } & EmptiedCounts> {
  let index = 0
  const counts = { emptied: 0, emptiedTexts: 0 }
  for await (const { entries } of readEntries(db, refer, range)) {
    for (const entry of entries) {
      const sealed = range.entries.subarray(index * entryLength, (index + 1) * entryLength)
      if (!encodeEntry(entry).equals(sealed))
        return { difference: await nameDifference(db, range, index, entry), ...counts }
      if (entry.emptied) {
        const { portion } = entry.emptied
        if (portion === null || !(await emptyings.isOfHub(portion)))
          return { difference: { kind: 'emptied', entry, index }, ...counts }
        counts[entry.kind === 'raw' ? 'emptied' : 'emptiedTexts'] += 1
      }
      index += 1
    }
  }
  if (index * entryLength >= range.entries.length) return counts
  return { difference: await nameDifference(db, range, index, undefined), ...counts }
}

async function nameDifference(
  db: Queryable,
  range: SealedRange,
  index: number,
  found: Entry | undefined,
): Promise<Difference> {
  const sealed = entryAt(range.entries, index)
  if (found && sealed && found.kind === sealed.kind && found.id === sealed.id)
    return { kind: 'altered', entry: sealed, index }
  const isThere = sealed !== undefined && (await isInDatabase(db, sealed))
  // Something new before what is still there, or where nothing more was sealed.
  if (found && (isThere || !sealed)) {
    const isKnown = await isSealedAnywhere(db, encodeName(found))
    if (!isKnown) return { kind: 'inserted', entry: found, index }
    return { kind: 'reordered', entry: sealed ?? found, index }
  }
  if (!sealed) return { kind: 'checkpoint-altered', entry: { kind: 'event', id: '' }, index }
  if (isThere) return { kind: 'reordered', entry: sealed, index }
  const isEnd = sealed.kind !== 'act' && (await isEndOfJournal(db, range, index))
  return { kind: isEnd ? 'truncated' : 'deleted', entry: sealed, index }
}

async function isInDatabase(db: Queryable, { kind, id }: Entry): Promise<boolean> {
  if (kind === 'act') return isActThere(db, id)
  if (kind === 'raw') return (await readRawRecordsToSeal(db, [id])).size > 0
  return (await findEventIds(db, [id])).size > 0
}

/** Whether no event is there any more from this entry on. */
async function isEndOfJournal(db: Queryable, range: SealedRange, index: number): Promise<boolean> {
  const ids: string[] = []
  for (let at = index; ; at += 1) {
    const entry = entryAt(range.entries, at)
    if (!entry) break
    if (entry.kind === 'event') ids.push(entry.id)
  }
  const place: JournalPosition = range.until.journal
  return (await findEventIds(db, ids)).size === 0 && (await countEventsBehind(db, place, 1)).count === 0
}
