import type { TargetDocument } from '../contract/connector.ts'
import { comparePositions } from '../journal/compare-positions.ts'
import type { Commit, Settlement } from './store.ts'

/** Fewer take less room as rows of their own. */
const batchMin = 3

/** Events of one shard whose results are written as one row. */
export type ResultBatch<One extends Settlement> = readonly [One, ...One[]]

/**
 * Takes those apart that can share a row with others of their shard: delivered at the first attempt, never an entry, one document at most,
 * and passed by the cursor that this commit writes, by which they are found again (migration 0030).
 */
export function splitBatches<One extends Settlement>(
  { leases, cursors }: Commit,
  settled: readonly One[],
): { batches: ResultBatch<One>[]; single: One[] } {
  const startOf = new Map(leases.map(({ shard, cursor }) => [shard, cursor]))
  const isPlain = ({ event, transition, attempts, hadEntry }: One): boolean => {
    const [start, end] = [startOf.get(event.shard), cursors.get(event.shard)]
    if (transition.state !== 'delivered' || transition.documents.length > 1 || attempts !== 1 || hadEntry) return false
    return !!start && !!end && comparePositions(event, start) > 0 && comparePositions(event, end) <= 0
  }
  const single: One[] = []
  const byShard = new Map<number, [One, ...One[]]>()
  for (const one of settled) {
    const batch = byShard.get(one.event.shard)
    if (!isPlain(one)) single.push(one)
    else if (batch) batch.push(one)
    else byShard.set(one.event.shard, [one])
  }
  const batches: ResultBatch<One>[] = []
  for (const batch of byShard.values()) {
    if (batch.length < batchMin) single.push(...batch)
    else batches.push(batch)
  }
  return { batches, single }
}

/** Columns of `delivery_result_batches` from `events_count` on; arrays as PostgreSQL writes them. */
export function batchColumns(batches: readonly ResultBatch<Settlement>[]): unknown[][] {
  const documents = batches.map((batch) => batch.map(documentOf))
  const each = (read: (document: TargetDocument) => string | undefined) =>
    documents.map((of) => arrayOf(of.map((document) => (document && read(document)) ?? null)))
  return [
    batches.map((batch) => batch.length),
    batches.map((batch) => arrayLiteral(batch.map(({ event }) => event.eventId))),
    each(({ documentId }) => documentId),
    each(({ kind }) => kind),
    each(({ amount }) => amount),
    each(({ tax }) => tax),
    each(({ currency }) => currency),
    each(({ postedAt }) => postedAt),
  ]
}

function documentOf({ transition }: Settlement): TargetDocument | undefined {
  return transition.state === 'delivered' ? transition.documents[0] : undefined
}

/** What all have alike is there once, and not at all where none has it. */
function arrayOf(column: readonly (string | null)[]): string | null {
  const [first = null] = column
  if (column.some((value) => value !== first)) return arrayLiteral(column)
  return first === null ? null : arrayLiteral([first])
}

/** Within an array of arrays each quote costs two signs more, so what needs none has none. */
const needsNoQuotes = /^(?!null$)[\w.:/+-]+$/i

function arrayLiteral(values: readonly (string | null)[]): string {
  return `{${values.map(elementOf).join(',')}}`
}

function elementOf(given: string | null): string {
  if (given === null) return 'null'
  // A connector's types are its own word: one that breaks them fails its own commit, if any, and not those beside it.
  const value = String(given)
  return needsNoQuotes.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`
}
