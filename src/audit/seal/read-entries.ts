import type { ClientBase, Pool } from 'pg'
import { readConflictsToSeal, readRawRecordsToSeal } from '../../intake/read-to-seal.ts'
import { readEventsToSeal } from '../../journal/read-to-seal.ts'
import type { Reference } from '../../privacy/references.ts'
import type { Reach } from './checkpoint.ts'
import type { Entry } from './entry.ts'
import { entryOfAct, entryOfEvent, entryOfRawRecord } from './leaf.ts'
import { readActsToSeal } from './queries.ts'

/** Rows that are in memory at once: receipts of a megabyte are rare, and possible. */
const pageRowsMax = 100

export interface EntryPage {
  entries: Entry[]
  /** Up to where these and the pages before reach. */
  reach: Reach
}

export interface EntryRange {
  from: Reach
  /** Undefined: as far as there will be no holes any more. */
  until?: Reach
  /** Events, conflicts and acts, of each at most so many. Their raw records come with them. */
  rowsMax?: number
}

/**
 * Everything that is sealed, in the order in which it is: events of the journal, each before its raw record, then the raw records of
 * conflicts, then acts. In pages, so that memory does not grow with the range.
 */
export async function* readEntries(
  db: Pool | ClientBase,
  refer: Reference,
  { from, until, rowsMax = Number.POSITIVE_INFINITY }: EntryRange,
): AsyncGenerator<EntryPage> {
  let reach = from
  const range = { until, rowsMax }
  for await (const events of pages(range, 'journal', reach, (at, to, limit) => readEventsToSeal(db, at, to, limit))) {
    const raws = await readRawRecordsToSeal(
      db,
      events.rows.map((event) => event.eventId),
    )
    reach = { ...reach, journal: events.end }
    const entries = events.rows.flatMap((event) => {
      const raw = raws.get(event.eventId)
      return [entryOfEvent(event, refer), ...(raw ? [entryOfRawRecord(raw)] : [])]
    })
    yield { entries, reach }
  }
  for await (const { rows, end } of pages(range, 'conflicts', reach, (at, to, limit) =>
    readConflictsToSeal(db, at, to, limit),
  )) {
    reach = { ...reach, conflicts: end }
    yield { entries: rows.flatMap(({ raw }) => (raw ? [entryOfRawRecord(raw)] : [])), reach }
  }
  for await (const { rows, end } of pages(range, 'acts', reach, (at, to, limit) => readActsToSeal(db, at, to, limit))) {
    reach = { ...reach, acts: end }
    yield { entries: rows.map(entryOfAct), reach }
  }
}

type Stream = keyof Reach

async function* pages<Name extends Stream, Row extends Reach[Name]>(
  { until, rowsMax }: { until: Reach | undefined; rowsMax: number },
  stream: Name,
  from: Reach,
  read: (at: Reach[Name], until: Reach[Name] | undefined, limit: number) => Promise<Row[]>,
): AsyncGenerator<{ rows: Row[]; end: Reach[Name] }> {
  let at: Reach[Name] = from[stream]
  // Between a place and itself there is nothing.
  if (until && isSamePlace(at, until[stream])) return
  for (let left = rowsMax; left > 0; ) {
    const asked = Math.min(pageRowsMax, left)
    const rows = await read(at, until?.[stream], asked)
    const last = rows.at(-1)
    if (!last) return
    at = placeOf(stream, last)
    yield { rows, end: at }
    if (rows.length < asked) return
    left -= rows.length
  }
}

/** The place of a row without its content, as a checkpoint keeps it. */
function placeOf<Name extends Stream>(stream: Name, row: Reach[Name]): Reach[Name] {
  const names = { journal: ['xid', 'position'], conflicts: ['xid', 'conflictId'], acts: ['xid', 'actId'] }[stream]
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name))) as unknown as Reach[Name]
}

function isSamePlace(one: object, other: object): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())
}
